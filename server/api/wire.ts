import type { JobView, ListedJob, Skipped } from '@/server/engine'
import type { WireJob, WireListedJob } from './schemas/job'

// Turns what the engine returns into the form of the API.

export const iso = (date: Date): string => date.toISOString()
export const isoOrNull = (date: Date | null): string | null => date?.toISOString() ?? null

/** A job in the form of the API, with its dates as ISO 8601 strings. */
export const toWireJob = (job: JobView): WireJob => ({
  ...job,
  runAt: iso(job.runAt),
  nextRetryAt: isoOrNull(job.nextRetryAt),
  cancelRequestedAt: isoOrNull(job.cancelRequestedAt),
  canceledAt: isoOrNull(job.canceledAt),
  createdAt: iso(job.createdAt),
  queuedAt: isoOrNull(job.queuedAt),
  startedAt: isoOrNull(job.startedAt),
  finishedAt: isoOrNull(job.finishedAt),
})

/** What a bulk action left out, as the API answers it. */
export const toWireSkipped = ({ plannedAt, ...skipped }: Skipped) => ({
  ...skipped,
  ...(plannedAt && { plannedAt: iso(plannedAt) }),
})

/** A job of a list in the form of the API. It names the values that are left out. */
export const toWireListedJob = ({ truncated, waiting, ...job }: ListedJob): WireListedJob => ({
  ...toWireJob(job),
  truncated,
  ...(waiting !== undefined && { waiting }),
})
