import type { RunningJob, Worker } from '@/app/_trpc/types'

/** How long a run is, measured by the runs of its type. UNKNOWN: nothing is known of these. */
export type Level = 'UNKNOWN' | 'USUAL' | 'LONG' | 'OVER'

/** Up to the p95 a run is usual, beyond three times the p95 it is over. What looks stuck is over, whatever its length. */
export function levelOf({ stuck, elapsedSeconds, p95Seconds }: RunningJob): Level {
  if (stuck) return 'OVER'
  if (p95Seconds === null) return 'UNKNOWN'
  return elapsedSeconds <= p95Seconds ? 'USUAL' : elapsedSeconds <= 3 * p95Seconds ? 'LONG' : 'OVER'
}

export const stuckOn = ({ running }: Worker): RunningJob[] => running.filter(({ stuck }) => stuck !== null)

const isGone = ({ state }: Worker) => state === 'STOPPED' || state === 'LOST'

/**
 * The workers that are there, the chosen one first, then those with stuck jobs, then those that drain; and apart from
 * them those that are gone. Within these the order stays that of the server, so that rows do not change places.
 */
export function ordered(workers: readonly Worker[], chosen: string | null): { here: Worker[]; gone: Worker[] } {
  const rank = (worker: Worker) =>
    worker.id === chosen ? 0 : stuckOn(worker).length > 0 ? 1 : worker.state === 'DRAINING' ? 2 : 3
  return {
    here: workers.filter((worker) => !isGone(worker)).sort((a, b) => rank(a) - rank(b)),
    gone: workers.filter(isGone),
  }
}

/** The slots of one queue: the jobs that may be seen, how many others are taken, and how many are free. */
export function slotsOf(worker: Worker, queue: 'ISOLATED' | 'INLINE') {
  const key = queue === 'ISOLATED' ? 'isolated' : 'inline'
  const jobs = worker.running.filter((job) => job.queue === queue)
  return {
    total: worker.slots[key],
    busy: worker.busy[key],
    jobs,
    // The list of jobs ends at 50, so some of the others may be one's own.
    others: Math.max(0, worker.busy[key] - jobs.length),
    free: Math.max(0, worker.slots[key] - worker.busy[key]),
  }
}
