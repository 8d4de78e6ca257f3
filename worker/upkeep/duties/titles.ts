import { indexJobs, type IndexCursor } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/** How many milliseconds one run may take. The duties that need PostgreSQL alone take turns, so others wait meanwhile. */
const RUN_MS = 400
/** The pause after a walk over all jobs. */
const WALK_PAUSE_MS = 15_000

/**
 * Gives a title and words to search by to jobs that have none: those that are older than titles, and those that were
 * written past the engine. A walk over all jobs takes as many runs as it needs.
 */
export function titles({ db }: DutyContext): Duty {
  let place: IndexCursor = null
  let walkAgainAt = -Infinity
  return {
    name: 'titles and words',
    everyMs: 1_000,
    needs: 'postgresql',
    async run() {
      if (performance.now() < walkAgainAt) return {}
      const until = performance.now() + RUN_MS
      let jobs = 0
      for (;;) {
        const { indexed, before } = await indexJobs(db, place)
        place = before
        jobs += indexed
        if (before === null) walkAgainAt = performance.now() + WALK_PAUSE_MS
        // Where a step found no such job there may be none at all. Then it does not look on for the whole time of a run.
        if (indexed === 0 || before === null || performance.now() > until) break
      }
      return { note: countNote(jobs, 'jobs got their title and words') }
    },
  }
}
