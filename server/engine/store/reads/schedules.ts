import { Prisma, type DbOrTx } from '@/server/db'
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
  jobId: string | null
  /** Null where there is no job, or it was deleted since. */
  jobStatus: JobStatus | null
  skipped: string | null
  message: string | null
  /** How many planned times it stands for. */
  count: number
}

/** A schedule as people see it. */
export interface ScheduleView extends Omit<ScheduleRow, 'unmasked'> {
  inWords: string
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
const visible = (scope: Scope) =>
  sql`${inScope(sql`s.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`

type Found = ScheduleRow & { heldBy: ScheduleHold | null }

/** The schedules of a scope, newest first, page by page. Sensitive parameters are masked. */
export async function listSchedules(
  db: DbOrTx,
  { cursor, limit }: { cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<ScheduleView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<Found[]>`
    SELECT ${scheduleColumns}, ${hold} FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE ${visible(scope)} AND ${before ? sql`s.id < ${before}::uuid` : sql`TRUE`}
    ORDER BY s.id DESC LIMIT ${limit + 1}`
  const runs = await lastRunsOf(
    db,
    rows.map(({ id }) => id),
  )
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => toView(row, row.parameters, runs),
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
  const [row] = await db.$queryRaw<(Found & { open: boolean })[]>`
    SELECT ${scheduleColumns}, ${hold}, ${inScope(sql`s.organization_id`, unmasked)} AS open FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE s.id = ${scheduleId}::uuid AND ${visible(scope)}`
  if (!row) throw noSchedule(scheduleId)
  const { open, ...schedule } = row
  return toView(schedule, open ? (row.unmasked ?? row.parameters) : row.parameters, await lastRunsOf(db, [scheduleId]))
}

function toView({ unmasked: _, ...row }: Found, parameters: Json, runs: Map<string, RunView[]>): ScheduleView {
  return {
    ...row,
    parameters,
    inWords: cronInWords(row.cron),
    upcoming: upcomingOf(row),
    lastRuns: runs.get(row.id) ?? [],
  }
}

function upcomingOf(row: Omit<ScheduleRow, 'unmasked'>): Date[] {
  if (!row.nextRunAt) return []
  const until = Date.now() + DAY_MS
  const times = nextTimes(row, new Date(row.nextRunAt.getTime() - 1), UPCOMING)
  return times.filter((at) => at.getTime() <= until)
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
