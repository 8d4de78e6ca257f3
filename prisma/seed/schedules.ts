import type { Tx } from '@/server/db'
import { createSchedule, type NewSchedule } from '@/server/engine'
import type { SeededOrganization } from './organizations'

/**
 * What the demo organizations run again and again, to be looked at and switched on. Those that are switched on run once
 * a night or once a week, and missed runs are not made up for. So hardly a test or a measurement meets a job that it
 * did not submit.
 */
const DEMO_SCHEDULES: readonly NewSchedule[] = [
  {
    name: 'Nightly export',
    jobType: 'export.jobs',
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    missed: 'skip',
    overlap: 'skip',
    jitterSeconds: 60,
  },
  {
    name: 'Weekly report',
    jobType: 'report.operations',
    cron: '0 4 * * 1',
    timeZone: 'America/New_York',
    missed: 'skip',
  },
  {
    name: 'Hourly report',
    jobType: 'report.operations',
    cron: '@hourly',
    timeZone: 'UTC',
    missed: 'skip',
    overlap: 'cancel',
    enabled: false,
  },
]

/** Makes the schedules of a new demo organization. */
export async function createDemoSchedules(tx: Tx, { id: organizationId, users }: SeededOrganization): Promise<void> {
  for (const schedule of DEMO_SCHEDULES)
    await createSchedule(tx, { organizationId, schedule, actor: users.ADMIN, address: null })
}
