import type { OrganizationQueries } from '@/server/engine/reports'
import { openArtifactStore, type StorageSettings } from '@/server/storage'
import type { ParentJob } from '../handler'

/**
 * Makes `ctx.parents` of a job. The storage is opened only for a file, because most handlers read none of their parents'.
 */
export const parentsReader =
  (
    jobId: string,
    { storage, parents }: { storage: StorageSettings; parents: OrganizationQueries['parents'] },
  ): (() => Promise<ParentJob[]>) =>
  async () =>
    (await parents(jobId)).map(({ artifacts, ...parent }) => ({
      ...parent,
      artifacts: artifacts.map(({ storageKey, ...artifact }) => ({
        ...artifact,
        open: () => openArtifactStore(storage).openArtifact(storageKey),
      })),
    }))
