import { Prisma, type Db } from '@/server/db'

/** How many days a run is kept after it was decided on. */
const KEPT_DAYS = 90
/** So many of a schedule's newest runs are kept for longer, however old they are. */
const ALWAYS_KEPT = 100
/** The most runs of one schedule that are kept. One that runs each second makes 86,400 a day. */
const MOST_KEPT = 10_000
/** Schedules that one step looks at, and runs that it removes of each. */
const SCHEDULES_A_STEP = 50
const REMOVED_A_STEP = 2_000

/** The schedule that the last step looked at last. Null at the beginning. */
export type RunHistoryCursor = string | null

/**
 * Removes old runs from the history of schedules; their jobs stay. Each call looks at some of the schedules. The caller
 * passes the answer to the next call, and begins again with null.
 *
 * A run whose job has not ended stays, because what overlaps with it is read here. A run of a backfill counts from the
 * day of the backfill: its planned time may be years ago, and a second backfill must find it. So of the runs beyond
 * MOST_KEPT only those go early that were decided within a day of their planned time.
 */
export async function pruneRuns(
  db: Db,
  after: RunHistoryCursor,
): Promise<{ removed: number; after: RunHistoryCursor }> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM schedules WHERE id > ${after ?? '00000000-0000-0000-0000-000000000000'}::uuid ORDER BY id LIMIT ${SCHEDULES_A_STEP}`
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { removed: 0, after: null }
  // The runs planned before the hundredth newest, or before the ten thousandth newest, of a schedule. With fewer runs
  // there is no such run, and '-infinity' removes nothing.
  const nthNewest = (n: number) => Prisma.sql`COALESCE((
    SELECT planned_at FROM schedule_runs WHERE schedule_id = s.id ORDER BY planned_at DESC OFFSET ${n - 1} LIMIT 1), '-infinity')`
  const removed = await db.$executeRaw`
    DELETE FROM schedule_runs r USING (
      SELECT old.schedule_id, old.planned_at FROM unnest(${ids}::uuid[]) AS s(id)
      CROSS JOIN LATERAL (SELECT ${nthNewest(ALWAYS_KEPT)} AS hundredth, ${nthNewest(MOST_KEPT)} AS last_kept) newest
      CROSS JOIN LATERAL (
        SELECT o.schedule_id, o.planned_at FROM schedule_runs o
        WHERE o.schedule_id = s.id AND o.planned_at < GREATEST(newest.hundredth, newest.last_kept)
          AND (o.decided_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day'
            OR o.planned_at < newest.last_kept AND o.decided_at < o.planned_at + interval '1 day')
          AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = o.job_id AND j.finished_at IS NULL)
        ORDER BY o.planned_at LIMIT ${REMOVED_A_STEP}) old) gone
    WHERE r.schedule_id = gone.schedule_id AND r.planned_at = gone.planned_at`
  return { removed, after: ids.length < SCHEDULES_A_STEP ? null : ids.at(-1)! }
}
