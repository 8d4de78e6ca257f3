import { Prisma } from '@/server/db'

// Says when a job `d.job_id` still waits for its parent `p` (left join: NULL where it was deleted). It is defined
// nowhere else, but for the invariants that check it. A deletion takes the edge `d` along where the parent was COMPLETED
// or only had to end, so a deleted parent that is still named will never be COMPLETED (actions/jobs/delete.ts).

/**
 * Condition: the parent is open, so the child waits for it. A parent of which the child only wants that it ends is open
 * until it has ended in whatever way.
 */
export const isOpen = Prisma.sql`(CASE WHEN d.on_ended THEN COALESCE(p.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER'), FALSE)
  ELSE p.status IS DISTINCT FROM 'COMPLETED' END)`

/** Condition: the child dies with this parent. */
export const diesWithParent = Prisma.sql`NOT d.on_ended`

/** How many parents of the job, given as an SQL expression, are open. */
export const openCount = (jobId: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT count(*)::int FROM job_dependencies d LEFT JOIN jobs p ON p.id = d.parent_id WHERE d.job_id = ${jobId} AND ${isOpen})`
