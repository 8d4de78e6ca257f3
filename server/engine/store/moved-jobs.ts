import type { JobStatus } from '../domain/types'

/**
 * Jobs that a statement of this process has moved to a status. Their transaction may still be open, and may be rolled
 * back.
 */
export interface MovedJobs {
  /** New jobs are SUBMITTED: their status is PENDING. */
  to: JobStatus | 'SUBMITTED'
  count: number
  jobIds: () => string[]
}

type Listener = (moved: MovedJobs) => void

const listeners = new Set<Listener>()

/**
 * Calls `listener` for all jobs that this process moves, for log lines and metrics. It must be quick and must not
 * throw.
 *
 * @returns a function after whose call `listener` is called no more
 */
export function onJobsMoved(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tells the listeners of jobs that were moved. */
export function tellMoved(to: MovedJobs['to'], rows: readonly { job_id: string }[]): void {
  if (rows.length === 0 || listeners.size === 0) return
  const moved: MovedJobs = { to, count: rows.length, jobIds: () => rows.map(({ job_id }) => job_id) }
  for (const listener of listeners) listener(moved)
}
