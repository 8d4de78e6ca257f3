import type { DbOrTx } from '@/server/db'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { lockSchedule, noSchedule, writeRun } from '../../store/schedules'
import { inTransaction } from '../../store/transaction'
import { readSettings, requireReach, type Submitter } from '../submission/checks'
import { audited } from './manage'
import { submitRun } from './submit-run'

/**
 * Submits a run at once, besides those that are planned, whether the schedule is switched on or not. A former run that
 * is unfinished does not matter: somebody asked for this one.
 *
 * @throws EngineError NOT_FOUND, NOT_PERMITTED where the job type asks for more than the caller has, and as `submitJob`
 */
export async function runScheduleNow(
  db: DbOrTx,
  given: { scheduleId: string; actor: Actor; address: string | null; submitter?: Submitter; reason?: string },
): Promise<{ plannedAt: Date; jobId: string }> {
  return inTransaction(db, async (tx) => {
    const locked = await lockSchedule(tx, given.scheduleId)
    if (!locked) throw noSchedule(given.scheduleId)
    const { schedule, now: plannedAt } = locked
    // The job is submitted in the name of the schedule, which may submit everything. So what the caller may submit is
    // checked here.
    const { types } = await readSettings(tx, schedule.organizationId, [schedule], undefined)
    requireReach(types, given.submitter)
    const jobId = await submitRun(tx, schedule, plannedAt)
    await writeRun(tx, schedule, { plannedAt, trigger: 'NOW', jobId, skipped: null })
    await writeAudit(tx, {
      ...audited('schedule.runNow', schedule.id, schedule.organizationId, given),
      reason: given.reason,
      after: { name: schedule.name, jobId },
    })
    return { plannedAt, jobId }
  })
}
