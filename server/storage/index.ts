import { createArtifactStore, type ArtifactStore } from './artifacts'
import { FolderDriver } from './driver'

export type { ArtifactOwner, ArtifactStore, StagedArtifact } from './artifacts'
export type { ByteRange } from './driver'

/** The artifacts kept in a folder (`STORAGE_DIR`), which is made when the first is written. */
export function openArtifactStore({ directory }: { directory: string }): ArtifactStore {
  return createArtifactStore(new FolderDriver(directory))
}
