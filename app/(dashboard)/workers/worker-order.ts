import type { RunningJob, Worker } from '@/app/_trpc/types'

/** How long a run is, compared with other runs of its type. UNKNOWN means that there is nothing to compare with. */
export type Level = 'UNKNOWN' | 'USUAL' | 'LONG' | 'OVER'

/**
 * A run is usual up to the p95, long up to three times the p95, and over beyond that. A run that looks stuck is always
 * over.
 */
export function levelOf({ stuck, elapsedSeconds, p95Seconds }: RunningJob): Level {
  if (stuck) return 'OVER'
  if (p95Seconds === null) return 'UNKNOWN'
  return elapsedSeconds <= p95Seconds ? 'USUAL' : elapsedSeconds <= 3 * p95Seconds ? 'LONG' : 'OVER'
}

export const stuckOn = ({ running }: Worker): RunningJob[] => running.filter(({ stuck }) => stuck !== null)

const isGone = ({ state }: Worker) => state === 'STOPPED' || state === 'LOST'

/**
 * Splits workers into those that are present and those that are gone. Among the present ones, the chosen one comes
 * first, then those with stuck jobs, then those that drain. Otherwise the server's order stays, so that workers do not
 * change places.
 */
export function ordered(workers: readonly Worker[], chosen: string | null): { here: Worker[]; gone: Worker[] } {
  const rank = (worker: Worker) =>
    worker.id === chosen ? 0 : stuckOn(worker).length > 0 ? 1 : worker.state === 'DRAINING' ? 2 : 3
  return {
    here: workers.filter((worker) => !isGone(worker)).sort((a, b) => rank(a) - rank(b)),
    gone: workers.filter(isGone),
  }
}

/** The slots of one queue: the jobs that the reader may see, how many other slots are taken, and how many are free. */
export function slotsOf(worker: Worker, queue: 'ISOLATED' | 'INLINE') {
  const key = queue === 'ISOLATED' ? 'isolated' : 'inline'
  const jobs = worker.running.filter((job) => job.queue === queue)
  return {
    total: worker.slots[key],
    busy: worker.busy[key],
    jobs,
    // The server lists at most 50 jobs of a worker, so some of these may be of organizations that the reader sees.
    others: Math.max(0, worker.busy[key] - jobs.length),
    free: Math.max(0, worker.slots[key] - worker.busy[key]),
  }
}

/** Workers that take the same pools. */
export interface PoolGroup {
  /** Names the group: `every` for workers that take every pool. */
  key: string
  title: string
  workers: Worker[]
}

/** The workers by the pools that they take, in their order within each group. Those that take every pool come first. */
export function byPools(workers: readonly Worker[]): PoolGroup[] {
  const groups = new Map<string, PoolGroup>()
  for (const worker of workers) {
    const key = worker.pools === null ? 'every' : worker.pools.join(',')
    const title =
      worker.pools === null
        ? 'Every pool'
        : `${worker.pools.length === 1 ? 'Pool' : 'Pools'} ${worker.pools.join(', ')}`
    const group = groups.get(key) ?? { key, title, workers: [] }
    groups.set(key, group)
    group.workers.push(worker)
  }
  const rank = ({ key }: PoolGroup) => (key === 'every' ? 0 : 1)
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title))
}
