import { runSchedules } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** How many milliseconds one run may take. The duties that need PostgreSQL alone take turns, so others wait meanwhile. */
const RUN_MS = 500

/**
 * Submits the runs of schedules that are due. Where two workers do it at once, each run is still submitted once. Runs
 * that could not be met while nobody led are made up for as each schedule says.
 */
export const schedules = ({ db }: DutyContext): Duty => ({
  name: 'schedules',
  everyMs: 1_000,
  // Their time has come, and each takes a few milliseconds. So the pause is as long as the run, or half a second where
  // that is longer (maintenance.ts), and they may take up to half of the time.
  restFactor: 1,
  needs: 'postgresql',
  async run() {
    const { submitted, failures } = await runSchedules(db, { forMs: RUN_MS })
    const [first] = failures
    return {
      jobs: submitted,
      note:
        first &&
        `${failures.length} schedules could not be run and are tried again, first ${first.scheduleId}: ${String(first.error)}`,
    }
  },
})
