import type { QueueName } from './types'

/** What one worker pool has to do at this moment, for one queue. */
export interface PoolLoad {
  queue: QueueName
  running: number
  /** Jobs that could run now, by type. */
  waiting: readonly { count: number; meanSeconds: number | null }[]
  /** Slots of one worker, on average over those that are alive. Null where none is. */
  slotsPerWorker: number | null
}

/** There should be enough workers for all that waits to begin to run within this many seconds. */
const WITHIN_SECONDS = 60
/** The run time that is taken for a type of which nothing has ended yet. */
const UNKNOWN_SECONDS = 10
/** Slots of a worker that nothing else was said of (`ISOLATED_SLOTS`, `INLINE_SLOTS`). */
const USUAL_SLOTS: Record<QueueName, number> = { ISOLATED: 4, INLINE: 100 }

/**
 * How many workers a pool needs: as many as run what runs now, and can also get through what waits within a minute, by
 * the measured run times. Never more than would run everything at once. 0 where nothing waits or runs.
 */
export function workersNeeded(loads: readonly PoolLoad[]): number {
  const needed = loads.map(({ queue, running, waiting, slotsPerWorker }) => {
    const slots = waiting.reduce(
      (sum, { count, meanSeconds }) =>
        sum + Math.min(count, Math.max(1, (count * (meanSeconds ?? UNKNOWN_SECONDS)) / WITHIN_SECONDS)),
      running,
    )
    // Workers that are alive may have no slots for this queue: 0.
    return Math.ceil(slots / (slotsPerWorker || USUAL_SLOTS[queue]))
  })
  return Math.max(0, ...needed)
}
