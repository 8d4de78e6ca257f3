import { Prisma, type DbOrTx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import { EngineError } from '../../domain/errors'
import { cronInWords } from '../../domain/schedule/cron'
import { nextTimes } from '../../domain/schedule/recurrence'
import type { JobStatus, Json, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { noSchedule, scheduleColumns, type ScheduleRow } from '../schedules'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'

const { sql } = Prisma

/** What keeps a schedule's runs from being submitted, although it is switched on. */
export type ScheduleHold = 'SUSPENDED' | 'ORGANIZATION_PAUSED' | 'PLATFORM_PAUSED'

/** What became of one planned time, as people see it. */
export interface RunView {
  plannedAt: Date
  /** When it was submitted, or decided that it is not. */
  decidedAt: Date
  trigger: 'DUE' | 'NOW' | 'BACKFILL'
  /** Null where none was submitted. */
  jobId: string | null
  /** Null where there is no job, or it was deleted since. */
  jobStatus: JobStatus | null
  /** Why there is no job: OVERLAP, MISSED, or the reason of the refusal (domain/errors.ts). */
  skipped: string | null
  message: string | null
  /** How many planned times it stands for. */
  count: number
}

/** A schedule as people see it. */
export interface ScheduleView extends Omit<ScheduleRow, 'unmasked'> {
  /** Its expression in words. */
  inWords: string
  /** Null where nothing holds its runs. */
  heldBy: ScheduleHold | null
  /** The planned times of the next 24 hours, the first 24 of them. */
  upcoming: Date[]
  /** The last ten, newest first. */
  lastRuns: RunView[]
}

const LAST_RUNS = 10
const UPCOMING = 24
const DAY_MS = 86_400_000

const hold = sql`CASE WHEN o.status <> 'ACTIVE' THEN 'SUSPENDED'
  WHEN EXISTS (SELECT 1 FROM pauses p WHERE p.scope = 'PLATFORM') THEN 'PLATFORM_PAUSED'
  WHEN EXISTS (SELECT 1 FROM pauses p WHERE p.scope = 'ORGANIZATION' AND p.target = o.id::text) THEN 'ORGANIZATION_PAUSED' END AS "heldBy"`
/** Condition: the schedule `s` of the organization `o` is in the scope. */
export const visibleSchedules = (scope: Scope) =>
  sql`${inScope(sql`s.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`

/** A schedule as it was read, with what holds its runs back. */
export type FoundSchedule = ScheduleRow & { heldBy: ScheduleHold | null }

/**
 * In which state a schedule is. ON: runs come. OFF: it is switched off. OVER: it is on, and no run comes any more.
 * FAILING: its last run was refused, or its job failed; it may be ON, OFF or OVER besides.
 */
export const SCHEDULE_STATES = ['ON', 'OFF', 'OVER', 'FAILING'] as const
export type ScheduleState = (typeof SCHEDULE_STATES)[number]

/** Which schedules are meant. */
export interface ScheduleFilter {
  /** Part of the name of the schedule or of its job type. */
  search?: string
  jobType?: string
  state?: ScheduleState
}

const inState: Record<ScheduleState, Prisma.Sql> = {
  ON: sql`s.enabled AND s.next_run_at IS NOT NULL`,
  OFF: sql`NOT s.enabled`,
  OVER: sql`s.enabled AND s.next_run_at IS NULL`,
  FAILING: sql`(SELECT j.status IN ('DEAD_LETTER', 'FAILED', 'TIMED_OUT') OR r.skipped NOT IN ('MISSED', 'OVERLAP')
    FROM (SELECT * FROM schedule_runs r WHERE r.schedule_id = s.id ORDER BY r.planned_at DESC LIMIT 1) r LEFT JOIN jobs j ON j.id = r.job_id)`,
}

function matching({ search, jobType, state }: ScheduleFilter): Prisma.Sql {
  const part = search?.trim() && `%${search.trim().replace(/[\\%_]/g, '\\$&')}%`
  return sql`${part ? sql`(s.name ILIKE ${part} OR s.job_type ILIKE ${part})` : sql`TRUE`}
    AND ${jobType === undefined ? sql`TRUE` : sql`s.job_type = ${jobType}`} AND ${state ? inState[state] : sql`TRUE`}`
}

/** The schedules of a scope, newest first, page by page. Sensitive parameters are masked. */
export async function listSchedules(
  db: DbOrTx,
  { cursor, limit, ...filter }: ScheduleFilter & { cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<ScheduleView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<FoundSchedule[]>`
    SELECT ${scheduleColumns}, ${hold} FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE ${visibleSchedules(scope)} AND ${before ? sql`s.id < ${before}::uuid` : sql`TRUE`} AND ${matching(filter)}
    ORDER BY s.id DESC LIMIT ${limit + 1}`
  const runs = await lastRunsOf(
    db,
    rows.map(({ id }) => id),
  )
  // A hundred expressions that nobody has asked for before take a quarter of a second. Other requests get their turn in
  // between.
  const breath = createBreath()
  const upcoming = new Map<string, Date[]>()
  for (const row of rows) {
    upcoming.set(row.id, upcomingOf(row))
    await breath()
  }
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => toView(row, row.parameters, upcoming.get(row.id)!, runs),
  )
}

/**
 * One schedule.
 * @param unmasked the organizations in which its sensitive parameters are shown as they are
 * @throws EngineError NOT_FOUND when it does not exist or is not in this scope
 */
export async function getSchedule(
  db: DbOrTx,
  scheduleId: string,
  scope: Scope,
  unmasked: Scope = { organizationIds: [] },
): Promise<ScheduleView> {
  const [row] = await db.$queryRaw<(FoundSchedule & { open: boolean })[]>`
    SELECT ${scheduleColumns}, ${hold}, ${inScope(sql`s.organization_id`, unmasked)} AS open FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE s.id = ${scheduleId}::uuid AND ${visibleSchedules(scope)}`
  if (!row) throw noSchedule(scheduleId)
  const { open, ...schedule } = row
  const parameters = open ? (row.unmasked ?? row.parameters) : row.parameters
  return toView(schedule, parameters, upcomingOf(schedule), await lastRunsOf(db, [scheduleId]))
}

function toView(
  { unmasked: _, ...row }: FoundSchedule,
  parameters: Json,
  upcoming: Date[],
  runs: Map<string, RunView[]>,
): ScheduleView {
  return {
    ...row,
    parameters,
    inWords: cronInWords(row.cron),
    upcoming,
    lastRuns: runs.get(row.id) ?? [],
  }
}

/** The planned times of the next 24 hours, the first of them. */
export function upcomingOf(row: Omit<ScheduleRow, 'unmasked'>): Date[] {
  if (!row.nextRunAt) return []
  const now = Date.now()
  try {
    // nextTimes gives what comes after a moment, so it begins one millisecond before the next run.
    const times = nextTimes(row, new Date(Math.max(row.nextRunAt.getTime() - 1, now)), UPCOMING)
    return times.filter((at) => at.getTime() <= now + DAY_MS)
  } catch (error) {
    // This machine may no longer know the time zone. The list is shown all the same, without the times to come.
    if (error instanceof EngineError) return []
    throw error
  }
}

const runColumns = sql`r.schedule_id AS "scheduleId", r.planned_at AS "plannedAt", r.decided_at AS "decidedAt", r.trigger, r.job_id AS "jobId",
  j.status AS "jobStatus", r.skipped, r.message, r.missed + 1 AS count`

async function lastRunsOf(db: DbOrTx, scheduleIds: readonly string[]): Promise<Map<string, RunView[]>> {
  if (scheduleIds.length === 0) return new Map()
  const rows = await db.$queryRaw<(RunView & { scheduleId: string })[]>`
    SELECT ${runColumns} FROM unnest(${[...scheduleIds]}::uuid[]) AS s(id)
    CROSS JOIN LATERAL (SELECT * FROM schedule_runs r WHERE r.schedule_id = s.id ORDER BY r.planned_at DESC LIMIT ${LAST_RUNS}) r
    LEFT JOIN jobs j ON j.id = r.job_id ORDER BY r.planned_at DESC`
  const runs = new Map<string, RunView[]>()
  for (const { scheduleId, ...run } of rows) {
    const known = runs.get(scheduleId)
    if (known) known.push(run)
    else runs.set(scheduleId, [run])
  }
  return runs
}

/** The runs of a schedule, newest first, page by page. The caller has checked that the reader may see the schedule. */
export async function listRuns(
  db: DbOrTx,
  { scheduleId, cursor, limit }: { scheduleId: string; cursor?: string; limit: number },
): Promise<Page<RunView>> {
  const before = decodeCursor(
    cursor,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    (key) => !Number.isNaN(Date.parse(key)),
  )
  const rows = await db.$queryRaw<(RunView & { scheduleId: string })[]>`
    SELECT ${runColumns} FROM schedule_runs r LEFT JOIN jobs j ON j.id = r.job_id
    WHERE r.schedule_id = ${scheduleId}::uuid AND ${before ? sql`r.planned_at < ${new Date(before)}` : sql`TRUE`}
    ORDER BY r.planned_at DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ plannedAt }) => plannedAt.toISOString(),
    ({ scheduleId: _, ...run }) => run,
  )
}
