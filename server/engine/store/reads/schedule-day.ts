import { Prisma, type DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import { scheduleColumns, type ScheduleRow } from '../schedules'
import { upcomingOf, visibleSchedules } from './schedules'

const { sql } = Prisma

/** Schedules that are shown. */
const SHOWN = 10
/**
 * The most runs of one schedule that are read. A schedule of every minute has one fewer in a day. Where so many are
 * found, there may be more.
 */
const MOST_RUNS = 1_441
/** The length of a part of the day. */
const PART_MINUTES = 30

/** What became of the planned times in one part of the day. */
export interface DayPart {
  /** The moment at which it begins. It lasts `minutes`. */
  from: Date
  minutes: number
  /** Planned times that came. */
  count: number
  /**
   * Those that were refused, or whose job failed: the sum of `dead`, of `refused`, and of jobs that wait for a retry.
   */
  failed: number
  /** Those whose job is in DEAD_LETTER. */
  dead: number
  /** Those that got no job, because it was refused. */
  refused: number
  /** Those that got no job, because they were missed, or because the job of an earlier run was unfinished. */
  skipped: number
  /** Those whose job waits or runs. A job that waits for a retry counts under `failed`. */
  unfinished: number
  /** Those whose job was canceled. */
  canceled: number
}

/** The two days around now of one schedule. */
export interface ScheduleDay {
  id: string
  organizationId: string
  name: string
  /** The parts of the last 24 hours that had a planned time, oldest first. */
  past: DayPart[]
  /** Set where more than 1,440 runs came. The runs before this moment are left out. */
  pastFrom: Date | null
  /** The planned times of the next 24 hours, the first 24 of them. */
  upcoming: Date[]
}

const lastDay = sql`clock_timestamp() - interval '1 day'`

/** The last and the next 24 hours of the schedules that have something in them, the one that runs next first. */
export async function scheduleDay(
  db: DbOrTx,
  scope: Scope,
): Promise<{
  items: ScheduleDay[]
  /** How many schedules have something in them, also those that are not shown. */ total: number
}> {
  const rows = await db.$queryRaw<(ScheduleRow & { total: number })[]>`
    SELECT ${scheduleColumns}, count(*) OVER ()::int AS total FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE ${visibleSchedules(scope)} AND (s.next_run_at <= clock_timestamp() + interval '1 day'
      OR EXISTS (SELECT 1 FROM schedule_runs r WHERE r.schedule_id = s.id AND r.planned_at > ${lastDay}))
    ORDER BY s.next_run_at, s.id DESC LIMIT ${SHOWN}`
  const parts = await partsOf(
    db,
    rows.map(({ id }) => id),
  )
  return {
    total: rows[0]?.total ?? 0,
    items: rows.map((row) => ({
      id: row.id,
      organizationId: row.organizationId,
      name: row.name,
      upcoming: upcomingOf(row),
      past: (parts.get(row.id) ?? []).map(({ id: _, first: __, read: ___, ...part }) => part),
      pastFrom: pastFrom(parts.get(row.id) ?? []),
    })),
  }
}

/** `first`: the first planned time of its runs. `read`: how many runs were read for it. */
type Part = DayPart & { id: string; first: Date; read: number }

const pastFrom = (parts: readonly Part[]): Date | null =>
  parts.reduce((sum, { read }) => sum + read, 0) < MOST_RUNS ? null : parts[0]!.first

async function partsOf(db: DbOrTx, scheduleIds: readonly string[]): Promise<Map<string, Part[]>> {
  if (scheduleIds.length === 0) return new Map()
  const rows = await db.$queryRaw<Part[]>`
    SELECT s.id, date_bin(${PART_MINUTES}::int * interval '1 minute', r.planned_at, 'epoch') AS from, ${PART_MINUTES}::int AS minutes,
      min(r.planned_at) AS first, count(*)::int AS read, sum(r.missed + 1)::int AS count,
      (count(*) FILTER (WHERE j.status IN ('DEAD_LETTER', 'FAILED', 'TIMED_OUT') OR r.skipped NOT IN ('MISSED', 'OVERLAP')))::int AS failed,
      (count(*) FILTER (WHERE j.status = 'DEAD_LETTER'))::int AS dead,
      (count(*) FILTER (WHERE r.skipped NOT IN ('MISSED', 'OVERLAP')))::int AS refused,
      sum(r.missed + CASE WHEN r.skipped IN ('MISSED', 'OVERLAP') THEN 1 ELSE 0 END)::int AS skipped,
      (count(*) FILTER (WHERE j.status IN ('PENDING', 'QUEUED', 'RUNNING')))::int AS unfinished,
      (count(*) FILTER (WHERE j.status = 'CANCELED'))::int AS canceled
    FROM unnest(${[...scheduleIds]}::uuid[]) AS s(id)
    CROSS JOIN LATERAL (
      SELECT * FROM schedule_runs r WHERE r.schedule_id = s.id AND r.planned_at > ${lastDay} AND r.planned_at <= clock_timestamp()
      ORDER BY r.planned_at DESC LIMIT ${MOST_RUNS}) r
    LEFT JOIN jobs j ON j.id = r.job_id
    GROUP BY s.id, 2 ORDER BY s.id, 2`
  const parts = new Map<string, Part[]>()
  for (const row of rows) parts.set(row.id, [...(parts.get(row.id) ?? []), row])
  return parts
}
