import type { OrganizationQueries } from '@/server/engine/reports'
import { openArtifactStore, type StorageSettings } from '@/server/storage'
import type { ParentJob } from '../handler'

/**
 * Makes `ctx.parents` of a job. The storage is opened where a file is: most handlers never read one of a parent's.
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
