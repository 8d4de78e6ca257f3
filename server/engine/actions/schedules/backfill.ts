import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import { createBreath } from '../../domain/breath'
import type { BulkResult } from '../../domain/bulk'
import type { BulkForecast, ForecastWarning } from '../../domain/forecast'
import { EngineError } from '../../domain/errors'
import { invalid } from '../../domain/job-options'
import { MAX_BULK_AT_ONCE } from '../../domain/limits'
import { nextTime } from '../../domain/schedule/recurrence'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { insertBackfill, noteStart } from '../../store/bulk'
import { lockSchedule, noSchedule, type ScheduleRow } from '../../store/schedules'
import { inTransaction } from '../../store/transaction'
import { finishAtOnce } from '../jobs/bulk'
import { readSettings, requireReach, type Submitter } from '../submission/checks'
import { audited } from './manage'

/** The most planned times of one backfill. */
export const MAX_BACKFILL = 10_000

interface Asked {
  scheduleId: string
  /** The first and the last planned time that is meant. */
  from: Date
  to: Date
}

/**
 * Submits the runs that a schedule would have had in a past period, with the parameters that it has now. Planned times
 * that have a job are left alone. It is a bulk action: up to 500 runs are submitted before this returns. Of a larger
 * backfill the leader submits all runs, and of any those that a limit does not let in yet. The schedule's rule for runs
 * that overlap is not applied.
 *
 * @param role the role that the requester must have for as long as it lasts
 * @throws EngineError NOT_FOUND, NOT_PERMITTED, ORGANIZATION_SUSPENDED, or INVALID_INPUT for a period that is not past,
 * or has too many planned times
 */
export async function startBackfill(
  db: DbOrTx,
  given: Asked & { role: OrgRole; actor: Actor; address: string | null; submitter?: Submitter; reason?: string },
): Promise<BulkResult> {
  const begun = await inTransaction(db, async (tx) => {
    const { scheduleId, from, to, role, actor, address, reason } = given
    const locked = await lockSchedule(tx, scheduleId)
    if (!locked) throw noSchedule(scheduleId)
    const { schedule, now } = locked
    const { organizationId, name } = schedule
    const { status, types } = await readSettings(tx, organizationId, [schedule], undefined)
    requireReach(types, given.submitter)
    if (status === 'SUSPENDED')
      throw new EngineError(
        'ORGANIZATION_SUSPENDED',
        'This organization is suspended: nothing can be submitted until it is resumed.',
      )
    const times = await plannedIn(schedule, given, now)
    if (times.length === 0) return null
    const id = uuidv7()
    const backfill = { scheduleId, name, from: from.toISOString(), to: to.toISOString() }
    await insertBackfill(
      tx,
      {
        id,
        organizationId,
        kind: 'BACKFILL',
        requestedBy: actor,
        address,
        role,
        ownOnly: false,
        filter: null,
        backfill,
        reason,
      },
      times,
    )
    const entry = audited('schedule.backfill', scheduleId, organizationId, given)
    const after = { ...backfill, matched: times.length, bulkId: id }
    await noteStart(tx, id, await writeAudit(tx, { ...entry, reason, after }))
    return { id, matched: times.length }
  })
  if (!begun) return { matched: 0, changed: 0, skipped: [] }
  const { id, matched } = begun
  if (matched > MAX_BULK_AT_ONCE) return { matched, changed: 0, skipped: [], bulkId: id, receiptId: id }
  return finishAtOnce(db, id)
}

/**
 * Tells what `startBackfill` would do. It locks nothing for longer than it takes to look, and writes nothing.
 * @throws EngineError NOT_FOUND or INVALID_INPUT, as `startBackfill`. That an organization is suspended is a warning here
 */
export async function forecastBackfill(db: DbOrTx, asked: Asked): Promise<BulkForecast> {
  const { schedule, now } = await inTransaction(db, async (tx) => {
    const locked = await lockSchedule(tx, asked.scheduleId)
    if (!locked) throw noSchedule(asked.scheduleId)
    return locked
  })
  const times = await plannedIn(schedule, asked, now)
  const [facts] = await db.$queryRaw<
    { done: number; status: string; enabled: boolean; rateLimited: boolean; paused: boolean }[]
  >`
    SELECT (SELECT count(*)::int FROM schedule_runs r WHERE r.schedule_id = ${schedule.id}::uuid AND r.job_id IS NOT NULL AND r.planned_at = ANY(${times}::timestamptz[])) AS done,
      o.status, COALESCE(t.enabled, FALSE) AS enabled, t.rate_limit_count IS NOT NULL AS "rateLimited",
      EXISTS (SELECT 1 FROM pauses p WHERE p.scope = 'PLATFORM' OR (p.scope = 'ORGANIZATION' AND p.target = o.id::text) OR (p.scope = 'JOB_TYPE' AND p.target = ${schedule.jobType})) AS paused
    FROM organizations o LEFT JOIN job_types t ON t.name = ${schedule.jobType} WHERE o.id = ${schedule.organizationId}::uuid`
  const { done, status, enabled, rateLimited, paused } = facts!
  const suspended = status !== 'ACTIVE'
  const would = suspended || !enabled ? 0 : times.length - done
  const rest = times.length - done
  const warnings: (ForecastWarning | false)[] = [
    suspended && {
      code: 'ORGANIZATION_SUSPENDED',
      count: rest,
      message: 'The organization is suspended: nothing can be submitted until it is resumed.',
    },
    !enabled && {
      code: 'JOB_TYPE_DISABLED',
      count: rest,
      message: `Job type ${schedule.jobType} is disabled: it takes no jobs until it is enabled.`,
    },
    paused && { code: 'PAUSED', count: would, message: 'Something is paused: the jobs wait until it goes on.' },
    rateLimited && {
      code: 'RATE_LIMITED',
      count: would,
      message: `Job type ${schedule.jobType} has a rate limit: the backfill waits where it is reached, and goes on by itself.`,
    },
  ]
  const skipped = [
    ...(done > 0 ? [{ reason: 'ALREADY_RUN' as const, count: done }] : []),
    ...(suspended && rest > 0 ? [{ reason: 'ORGANIZATION_SUSPENDED' as const, count: rest }] : []),
    ...(!suspended && !enabled && rest > 0 ? [{ reason: 'JOB_TYPE_DISABLED' as const, count: rest }] : []),
  ]
  return {
    matched: times.length,
    capped: false,
    would,
    skipped,
    warnings: warnings.filter((one): one is ForecastWarning => one !== false && one.count > 0),
  }
}

/** The planned times of a period that has passed. @throws EngineError INVALID_INPUT */
async function plannedIn(schedule: ScheduleRow, { from, to }: Asked, now: Date): Promise<Date[]> {
  if (to < from) throw invalid('to', 'Give a time after `from`.')
  if (to > now) throw invalid('to', 'Give a time that has passed. What is still to come runs by itself.')
  // Ten thousand times take a while. At each `breath` other calls may go first.
  const breath = createBreath()
  const times: Date[] = []
  // `nextTime` looks for times after the given one, and `from` itself counts.
  let at = nextTime(schedule, new Date(from.getTime() - 1))
  for (; at && at <= to; at = nextTime(schedule, at)) {
    if (times.length >= MAX_BACKFILL)
      throw invalid(
        'from',
        `Give a shorter period: more than ${MAX_BACKFILL.toLocaleString('en')} runs were planned in it.`,
      )
    times.push(at)
    await breath()
  }
  return times
}
