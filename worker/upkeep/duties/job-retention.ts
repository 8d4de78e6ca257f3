import { pruneJobs, type RetentionCursor } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/**
 * Milliseconds. A run that finds more and more to remove goes on for so long. The leader's other duties wait for it.
 */
const REMOVING_MS = 700

/**
 * Removes jobs that ended longer ago than their type keeps them, with all that belongs to them. Each run takes a step
 * of a walk over the jobs, and further ones while they find something to remove. With one step in 5 s, which it was,
 * retention kept pace with 400 jobs a second and no more, and the tables grew without end beyond that.
 */
export function jobRetention({ db }: DutyContext): Duty {
  let place: RetentionCursor = null
  return {
    name: 'retention of jobs',
    everyMs: 1_000,
    restFactor: 1,
    needs: 'postgresql',
    async run() {
      const until = performance.now() + REMOVING_MS
      let removed = 0
      for (;;) {
        const step = await pruneJobs(db, place)
        place = step.after
        removed += step.removed
        if (step.removed === 0 || place === null || performance.now() > until) break
      }
      return { note: countNote(removed, 'jobs past their retention removed') }
    },
  }
}
