import { pruneJobs, type RetentionCursor } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/** How long one run takes steps, in milliseconds. The leader's other duties wait for it. */
const WALKING_MS = 700
/**
 * After a walk over all old jobs comes a rest, which is this many times as long as the walk. Most old jobs may be of
 * types that keep them for long, and then the walk removes little.
 */
const REST_TIMES = 4

/**
 * Removes jobs that ended longer ago than their type keeps them, with all that belongs to them. It walks over the old
 * jobs in steps. A run goes on although a step found nothing to remove: behind a million jobs that are kept for a month
 * there may lie a million that are kept for a day.
 */
export function jobRetention({ db }: DutyContext): Duty {
  let place: RetentionCursor = null
  /** How long the present walk has taken, without the pauses between runs. */
  let walkedMs = 0
  let restsUntil = -Infinity
  return {
    name: 'retention of jobs',
    everyMs: 1_000,
    restFactor: 1,
    needs: 'postgresql',
    async run() {
      const began = performance.now()
      if (began < restsUntil) return {}
      let removed = 0
      do {
        const step = await pruneJobs(db, place)
        place = step.after
        removed += step.removed
      } while (place !== null && performance.now() < began + WALKING_MS)
      walkedMs += performance.now() - began
      if (place === null) {
        restsUntil = performance.now() + REST_TIMES * walkedMs
        walkedMs = 0
      }
      return { note: countNote(removed, 'jobs past their retention removed') }
    },
  }
}
