import type { Db } from '@/server/db'

/** Days for which a run is kept, and how many of the newest are kept for longer. */
const KEPT_DAYS = 90
const ALWAYS_KEPT = 100
/** A schedule that runs each second would fill any history: no more than this is kept of one. */
const MOST_KEPT = 10_000
/** Schedules that one step looks at, and runs that it removes of each. */
const SCHEDULES = 50
const PRUNE = 2_000

/** How far the walk over all schedules has come. Null at the beginning. */
export type RunHistoryCursor = string | null

/**
 * Removes old runs from the history of schedules; their jobs stay. Each call is one step of a walk over the schedules.
 * The caller passes the answer to the next call, and begins again with null.
 */
export async function pruneRuns(
  db: Db,
  after: RunHistoryCursor,
): Promise<{ removed: number; after: RunHistoryCursor }> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM schedules WHERE id > ${after ?? '00000000-0000-0000-0000-000000000000'}::uuid ORDER BY id LIMIT ${SCHEDULES}`
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { removed: 0, after: null }
  const removed = await db.$executeRaw`
    DELETE FROM schedule_runs r USING (
      SELECT old.schedule_id, old.planned_at FROM unnest(${ids}::uuid[]) AS s(id)
      CROSS JOIN LATERAL (SELECT GREATEST(
        LEAST(clock_timestamp() - ${KEPT_DAYS} * interval '1 day',
          COALESCE((SELECT planned_at FROM schedule_runs WHERE schedule_id = s.id ORDER BY planned_at DESC OFFSET ${ALWAYS_KEPT - 1} LIMIT 1), '-infinity')),
        COALESCE((SELECT planned_at FROM schedule_runs WHERE schedule_id = s.id ORDER BY planned_at DESC OFFSET ${MOST_KEPT - 1} LIMIT 1), '-infinity')) AS until) kept
      CROSS JOIN LATERAL (SELECT schedule_id, planned_at FROM schedule_runs WHERE schedule_id = s.id AND planned_at < kept.until ORDER BY planned_at LIMIT ${PRUNE}) old) gone
    WHERE r.schedule_id = gone.schedule_id AND r.planned_at = gone.planned_at`
  return { removed, after: ids.length < SCHEDULES ? null : ids.at(-1)! }
}
