import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import { withParameterChecks, type ParameterChecks } from '../../checking/parameter-checks'
import { invalid } from '../../domain/job-options'
import { requireName } from '../../domain/names'
import { tidyCron } from '../../domain/schedule/cron'
import {
  dueAt,
  MAX_SCHEDULES,
  requireComing,
  requireRules,
  type Missed,
  type Overlap,
} from '../../domain/schedule/recurrence'
import type { Actor, JobPriority, Json } from '../../domain/types'
import { writeAudit, type AuditEvent } from '../../store/administration/audit'
import { lockSchedule, noSchedule, type ScheduleRow } from '../../store/schedules'
import { inTransaction } from '../../store/transaction'
import { readSettings, requireReach, requireTypes, type Submitter } from '../submission/checks'

// Makes, changes and deletes schedules.

/** What a caller says of a new schedule. */
export interface NewSchedule {
  name: string
  jobType: string
  cron: string
  timeZone: string
  parameters?: unknown
  /** Null means that of the job type. The default is null. */
  priority?: JobPriority | null
  /** The default is `one`. */
  missed?: Missed
  /** The default is `allow`. */
  overlap?: Overlap
  /** The default is 0. */
  jitterSeconds?: number
  startAt?: Date | null
  endAt?: Date | null
  /** The default is true. */
  enabled?: boolean
}

interface By {
  actor: Actor
  address: string | null
  /** What the actor may submit. Absent where they may submit anything. */
  submitter?: Submitter
}

/** Everything of a schedule that a caller decides. */
type Settings = Omit<ScheduleRow, 'id' | 'organizationId' | 'nextRunAt' | 'createdBy' | 'createdAt' | 'updatedAt'>

/**
 * Makes a schedule. Its first run is the first planned time from now on.
 *
 * @throws EngineError INVALID_INPUT for a name that is taken, an expression that cannot be read or never comes, rules
 * out of bounds, or one schedule too many; and as a submission would NOT_PERMITTED, UNKNOWN_JOB_TYPE, JOB_TYPE_DISABLED,
 * INVALID_PARAMETERS or TOO_LARGE
 */
export async function createSchedule(
  db: DbOrTx,
  { organizationId, schedule, ...by }: By & { organizationId: string; schedule: NewSchedule },
): Promise<string> {
  const given = {
    priority: null,
    missed: 'one' as const,
    overlap: 'allow' as const,
    jitterSeconds: 0,
    startAt: null,
    endAt: null,
    enabled: true,
    ...defined(schedule),
    name: requireName(schedule.name, 'name'),
    cron: tidyCron(schedule.cron),
  }
  requireRules(given, '')
  return withParameterChecks(db, (checks) =>
    inTransaction(db, async (tx) => {
      const { parameters, unmasked } = await accept(tx, checks, { organizationId, at: '', ...by }, given)
      const { count, now } = await lockSchedulesOf(tx, organizationId)
      const next = requireComing(given, now, '')
      if (count >= MAX_SCHEDULES)
        throw invalid(
          'name',
          `This organization has ${count} schedules, the most there can be. Delete one that is no longer needed.`,
        )
      await refuseTakenName(tx, { organizationId, id: null, name: given.name, path: 'name' })
      const id = uuidv7()
      const settings: Settings = { ...given, parameters, unmasked }
      await tx.$executeRaw`
        INSERT INTO schedules (id, organization_id, name, job_type, cron, time_zone, parameters, unmasked, priority, missed, overlap, jitter_seconds, start_at, end_at, enabled,
          next_run_at, due_at, created_by, created_at, updated_at)
        VALUES (${id}::uuid, ${organizationId}::uuid, ${given.name}, ${given.jobType}, ${given.cron}, ${given.timeZone}, ${JSON.stringify(parameters)}::jsonb, ${textOrNull(unmasked)}::jsonb,
          ${given.priority}::"JobPriority", ${JSON.stringify(given.missed)}::jsonb, ${given.overlap.toUpperCase()}::"ScheduleOverlap", ${given.jitterSeconds}, ${given.startAt}, ${given.endAt}, ${given.enabled},
          ${given.enabled ? next : null}, ${given.enabled ? dueAt({ id, ...given }, next) : null}, ${JSON.stringify(by.actor)}::jsonb, clock_timestamp(), clock_timestamp())`
      await writeAudit(tx, { ...audited('schedule.create', id, organizationId, by), after: auditable(settings) })
      return id
    }),
  )
}

/**
 * Changes a schedule. What is left out stays. After a change of when it runs, and after it is switched on, its next run is
 * the first planned time from now on. Times that passed before are not made up for.
 *
 * @throws EngineError NOT_FOUND, and as `createSchedule`; its `fields` then name the place as `changes.…`
 */
export async function updateSchedule(
  db: DbOrTx,
  { scheduleId, changes, reason, ...by }: By & { scheduleId: string; changes: Partial<NewSchedule>; reason?: string },
): Promise<void> {
  const at = 'changes.'
  const given = { ...defined(changes) }
  if (given.name !== undefined) given.name = requireName(given.name, `${at}name`)
  if (given.cron !== undefined) given.cron = tidyCron(given.cron)
  await withParameterChecks(db, (checks) =>
    inTransaction(db, async (tx) => {
      const locked = await lockSchedule(tx, scheduleId)
      if (!locked) throw noSchedule(scheduleId)
      const { schedule: before, now } = locked
      const { organizationId } = before
      const changesJob = given.jobType !== undefined || given.parameters !== undefined
      const wanted = { ...before, ...given }
      requireRules(wanted, at)
      // The check of parameters may begin this transaction anew, so nothing is written before it.
      const stored = changesJob
        ? await accept(
            tx,
            checks,
            { organizationId, at, ...by },
            { jobType: wanted.jobType, parameters: given.parameters ?? before.unmasked ?? before.parameters },
          )
        : { parameters: before.parameters, unmasked: before.unmasked }
      if (given.name !== undefined && given.name !== before.name) {
        // Two schedules that get one name at once take turns, so that the second is refused with words.
        await lockSchedulesOf(tx, organizationId)
        await refuseTakenName(tx, { organizationId, id: scheduleId, name: given.name, path: `${at}name` })
      }
      const after: Settings = { ...wanted, ...stored }
      const isChanged = (field: keyof NewSchedule) =>
        given[field] !== undefined && text(given[field]) !== text(before[field])
      const newTimes = TIMES.some(isChanged)
      // New times are checked also where the schedule is switched off. Otherwise nobody could switch it on again.
      const coming =
        newTimes || (after.enabled && isChanged('enabled')) ? requireComing(after, now, at) : before.nextRunAt
      const next = after.enabled ? coming : null
      await tx.$executeRaw`
        UPDATE schedules SET name = ${after.name}, job_type = ${after.jobType}, cron = ${after.cron}, time_zone = ${after.timeZone},
          parameters = ${JSON.stringify(after.parameters)}::jsonb, unmasked = ${textOrNull(after.unmasked)}::jsonb, priority = ${after.priority}::"JobPriority",
          missed = ${JSON.stringify(after.missed)}::jsonb, overlap = ${after.overlap.toUpperCase()}::"ScheduleOverlap", jitter_seconds = ${after.jitterSeconds},
          start_at = ${after.startAt}, end_at = ${after.endAt}, enabled = ${after.enabled}, next_run_at = ${next}, due_at = ${next && dueAt({ id: scheduleId, ...after }, next)},
          updated_at = clock_timestamp()
        WHERE id = ${scheduleId}::uuid`
      const changed = differing(auditable(before), auditable(after))
      if (changed.length === 0) return
      await writeAudit(tx, {
        ...audited('schedule.update', scheduleId, organizationId, by),
        reason,
        before: { name: before.name, ...pick(auditable(before), changed) },
        after: pick(auditable(after), changed),
      })
    }),
  )
}

/** The fields that decide when a schedule runs. */
const TIMES = ['cron', 'timeZone', 'startAt', 'endAt'] as const

/**
 * Deletes a schedule with its history. Its jobs stay.
 * @throws EngineError NOT_FOUND
 */
export async function deleteSchedule(
  db: DbOrTx,
  { scheduleId, reason, ...by }: By & { scheduleId: string; reason?: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const locked = await lockSchedule(tx, scheduleId)
    if (!locked) throw noSchedule(scheduleId)
    await tx.$executeRaw`DELETE FROM schedules WHERE id = ${scheduleId}::uuid`
    await writeAudit(tx, {
      ...audited('schedule.delete', scheduleId, locked.schedule.organizationId, by),
      reason,
      before: auditable(locked.schedule),
    })
  })
}

/** Checks the job that a schedule is to submit, as a submission would. */
async function accept(
  tx: Tx,
  checks: ParameterChecks,
  { organizationId, at, submitter }: By & { organizationId: string; at: string },
  { jobType, parameters: given }: { jobType: string; parameters?: unknown },
): Promise<{ parameters: Json; unmasked: Json }> {
  const { types } = await readSettings(tx, organizationId, [{ jobType }], undefined)
  requireReach(types, submitter)
  requireTypes(types, [{ jobType, at }])
  const { version, parameterSchema } = types.get(jobType)!
  const [stored] = await checks.accept([
    { key: `schedule ${jobType} ${version}`, organizationId, given, schema: parameterSchema, at },
  ])
  const { parameters, masked } = stored!
  return { parameters: masked, unmasked: masked === parameters ? null : parameters }
}

/**
 * Counts the schedules of an organization. They are made one after another, so that there are never too many, nor two of
 * one name.
 */
async function lockSchedulesOf(tx: Tx, organizationId: string): Promise<{ count: number; now: Date }> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`schedules of ${organizationId}`}, 0))::text AS locked`
  const [row] = await tx.$queryRaw<[{ count: number; now: Date }]>`
    SELECT count(*)::int AS count, clock_timestamp() AS now FROM schedules WHERE organization_id = ${organizationId}::uuid`
  return row
}

async function refuseTakenName(
  tx: Tx,
  { organizationId, id, name, path }: { organizationId: string; id: string | null; name: string; path: string },
): Promise<void> {
  const others = await tx.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM schedules WHERE organization_id = ${organizationId}::uuid AND name = ${name} AND id IS DISTINCT FROM ${id}::uuid`
  if (others.length > 0) throw invalid(path, `This organization has a schedule "${name}" already. Give another name.`)
}

export const audited = (
  action: 'schedule.create' | 'schedule.update' | 'schedule.delete' | 'schedule.runNow' | 'schedule.backfill',
  scheduleId: string,
  organizationId: string,
  { actor, address }: By,
): AuditEvent => ({ action, organizationId, actor, address, targetType: 'schedule', targetId: scheduleId })

/** What the audit keeps of a schedule. Of its parameters that is what everybody may read. */
const auditable = (of: Settings): { [field: string]: Json } => ({
  name: of.name,
  jobType: of.jobType,
  cron: of.cron,
  timeZone: of.timeZone,
  parameters: of.parameters,
  priority: of.priority,
  missed: of.missed,
  overlap: of.overlap,
  jitterSeconds: of.jitterSeconds,
  startAt: of.startAt?.toISOString() ?? null,
  endAt: of.endAt?.toISOString() ?? null,
  enabled: of.enabled,
})

type Fields = { [field: string]: Json }
const differing = (a: Fields, b: Fields) => Object.keys(a).filter((field) => text(a[field]) !== text(b[field]))
const pick = (of: Fields, fields: string[]): Fields => Object.fromEntries(fields.map((field) => [field, of[field]!]))
const text = (value: unknown) => JSON.stringify(value) ?? ''
const textOrNull = (value: Json) => (value === null ? null : JSON.stringify(value))

/** Without the fields that are undefined. */
const defined = <T extends object>(of: T): T =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T
