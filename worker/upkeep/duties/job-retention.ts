import { pruneJobs, type RetentionCursor } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/** How long one run takes steps, in milliseconds. The leader's other duties wait for it. */
const WALKING_MS = 700
/**
 * After a walk over all old jobs comes a rest, which is this many times as long as the walk. Most old jobs may be of
 * types that keep them for long. A walk that removes less than one job a step has read nearly all of them for nothing,
 * so the rest after it is longer.
 */
const REST_TIMES = 4
const REST_TIMES_FOR_LITTLE = 20
/** The rest is not shorter than this, in milliseconds. Jobs are kept for days, so none stays much longer for it. */
const LEAST_REST_MS = 60_000

/** The longer rest is not longer than this, in milliseconds: a retention that was just shortened takes effect within it. */
const MOST_REST_FOR_LITTLE_MS = 3_600_000

/** A walk over all old jobs: how long its runs took, without the pauses between them, its steps, and what they removed. */
interface Walk {
  ms: number
  steps: number
  removed: number
}

/** How many milliseconds no walk begins after this one. */
export function restAfter({ ms, steps, removed }: Walk): number {
  const rest = Math.max(LEAST_REST_MS, REST_TIMES * ms)
  return removed < steps ? Math.max(rest, Math.min(REST_TIMES_FOR_LITTLE * ms, MOST_REST_FOR_LITTLE_MS)) : rest
}

/**
 * Removes jobs that ended longer ago than their type keeps them, with all that belongs to them. It walks over the old
 * jobs in steps. A run goes on although a step found nothing to remove: behind a million jobs that are kept for a month
 * there may lie a million that are kept for a day.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function jobRetention({ db }: DutyContext, now = () => performance.now()): Duty {
  let place: RetentionCursor = null
  let walk: Walk = { ms: 0, steps: 0, removed: 0 }
  let restsUntil = -Infinity
  return {
    name: 'retention of jobs',
    everyMs: 1_000,
    restFactor: 1,
    needs: 'postgresql',
    async run() {
      const began = now()
      if (began < restsUntil) return {}
      let removed = 0
      // A step that fails ends the run, and not the walk: the next run goes on from the same place.
      try {
        do {
          const step = await pruneJobs(db, place)
          place = step.after
          removed += step.removed
          walk.removed += step.removed
          walk.steps++
        } while (place !== null && now() < began + WALKING_MS)
      } finally {
        walk.ms += now() - began
      }
      if (place === null) {
        restsUntil = now() + restAfter(walk)
        walk = { ms: 0, steps: 0, removed: 0 }
      }
      return { note: countNote(removed, 'jobs past their retention removed') }
    },
  }
}
