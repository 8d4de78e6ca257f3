import {
  pruneBulks,
  pruneCauses,
  pruneJobs,
  pruneRuns,
  sweepRequests,
  type RetentionCursor,
  type RunHistoryCursor,
} from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/**
 * Removes jobs that ended longer ago than their type keeps them, with all that belongs to them, old bulk actions and requests, old runs of schedules, and conditions of ignored
 * causes that have ended. It also ends requests that nobody decided in time.
 * Each run takes one step of a walk over the jobs.
 */
export function retention({ db }: DutyContext): Duty {
  let place: RetentionCursor = null
  let schedule: RunHistoryCursor = null
  return {
    name: 'retention',
    everyMs: 5_000,
    needs: 'postgresql',
    async run() {
      const { removed, after } = await pruneJobs(db, place)
      place = after
      await pruneBulks(db)
      await pruneCauses(db)
      schedule = (await pruneRuns(db, schedule)).after
      await sweepRequests(db)
      return { note: countNote(removed, 'jobs past their retention removed') }
    },
  }
}
