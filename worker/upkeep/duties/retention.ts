import { pruneBulks, pruneCauses, pruneRuns, sweepRequests, type RunHistoryCursor } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Removes old bulk actions and requests, old runs of schedules, and conditions of ignored causes that have ended. It
 * also ends requests that nobody decided in time. Jobs have a duty of their own (job-retention.ts).
 */
export function retention({ db }: DutyContext): Duty {
  let schedule: RunHistoryCursor = null
  return {
    name: 'retention',
    everyMs: 5_000,
    needs: 'postgresql',
    async run() {
      await pruneBulks(db)
      await pruneCauses(db)
      schedule = (await pruneRuns(db, schedule)).after
      await sweepRequests(db)
      return {}
    },
  }
}
