import type { ParentRow } from '@/server/engine/reports'
import type { ArtifactStore } from '@/server/storage'
import type { ParentJob } from '../handler'

/** What a handler reads of the parents of its job. The bytes of a file are read only when it is opened. */
export const toParentJobs = (rows: readonly ParentRow[], files: Pick<ArtifactStore, 'openArtifact'>): ParentJob[] =>
  rows.map(({ artifacts, ...parent }) => ({
    ...parent,
    artifacts: artifacts.map(({ storageKey, ...artifact }) => ({
      ...artifact,
      open: () => files.openArtifact(storageKey),
    })),
  }))
