import { createSchedule, runSchedules, type NewSchedule, type ScheduleWork } from '@/server/engine'
import { tester, type World } from './engine'

let serial = 0

/** Makes a schedule of every midnight, unless `more` says otherwise. */
export function makeSchedule(world: World, more: Partial<NewSchedule> = {}, organizationId = world.organizationId) {
  const schedule = { name: `Schedule ${++serial}`, jobType: 'plain', cron: '0 0 * * *', timeZone: 'UTC', ...more }
  return createSchedule(world.db, { organizationId, schedule, actor: tester, address: null })
}

/** Sets the clock of a schedule back: `at` is the first planned time that nobody has decided about. */
export async function setNext({ db }: World, scheduleId: string, at: Date): Promise<void> {
  await db.$executeRaw`UPDATE schedules SET next_run_at = ${at}, due_at = ${at} WHERE id = ${scheduleId}::uuid`
}

const DAY_MS = 86_400_000
/**
 * The last midnight, or one `back` days before it; with a negative `back` one to come. At midnight it changes, and a
 * test that runs then may fail.
 */
export const planned = (back = 0): Date => new Date((Math.floor(Date.now() / DAY_MS) - back) * DAY_MS)

/** Runs what is due until nothing is, for a minute at most. */
export async function runAll({ db }: World): Promise<ScheduleWork> {
  return runSchedules(db, { forMs: 60_000 })
}

/**
 * What became of the planned times of a schedule, oldest first. A row stands for `count` times: its own, and those that
 * were missed with it.
 */
export async function runsOf({ db }: World, scheduleId: string) {
  const rows = await db.scheduleRun.findMany({ where: { scheduleId }, orderBy: { plannedAt: 'asc' } })
  return rows.map(({ plannedAt, jobId, skipped, missed }) => ({ plannedAt, jobId, skipped, count: missed + 1 }))
}

/** The jobs that a schedule submitted, oldest first. */
export async function jobsOf({ db }: World, scheduleId: string) {
  const inputs = await db.jobInput.findMany({
    where: { scheduleId },
    orderBy: { jobId: 'asc' },
    include: { job: true },
  })
  return inputs.map(({ job }) => job)
}
