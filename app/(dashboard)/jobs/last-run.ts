import type { ListedJob } from '@/app/_trpc/types'
import { PARENT_ENDED } from './parent-ended'

type Ran = Pick<
  ListedJob,
  'status' | 'queuedAt' | 'startedAt' | 'finishedAt' | 'cancelRequestedAt' | 'canceledAt' | 'error'
>

/**
 * When a job ran that runs, or that ended with its run. `to` is null while it runs. Null where the job has not run, or
 * has ended while it waited: then its last start tells nothing of how long it took, because hours may lie between.
 */
export function lastRun(job: Ran): { from: string; to: string | null } | null {
  const { status, startedAt, finishedAt } = job
  if (!startedAt) return null
  if (status === 'RUNNING') return { from: startedAt, to: null }
  if (!finishedAt || endedWaiting(job, startedAt)) return null
  return { from: startedAt, to: finishedAt }
}

function endedWaiting({ status, queuedAt, cancelRequestedAt, canceledAt, error }: Ran, startedAt: string): boolean {
  // It was in the queue once more and never started again.
  if (queuedAt && Date.parse(queuedAt) > Date.parse(startedAt)) return true
  if (status === 'CANCELED') {
    // A waiting job is canceled in the moment in which somebody asks: both times are the same, or 1 ms apart.
    // A running one first has to stop.
    return !cancelRequestedAt || !canceledAt || Date.parse(canceledAt) - Date.parse(cancelRequestedAt) <= 1
  }
  return status === 'DEAD_LETTER' && error?.fingerprint === PARENT_ENDED
}
