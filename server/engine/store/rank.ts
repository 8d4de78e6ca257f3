import { Prisma } from '@/server/db'

type Sql = Prisma.Sql
const { sql } = Prisma

// Says how a job's rank follows from its due time and its priority. It is defined nowhere else. Whoever writes a due
// time or a priority writes the rank and `is_due` again, and whoever needs the due time computes it from the rank.

/**
 * `jobs.rank_at`: where a job that is `due` then stands in its queue. It is the due time, less 10 minutes for each
 * priority above LOW. Sorting by it is the same as raising a waiting job by one priority every 10 minutes (rule 4.11).
 */
export const rankAt = (due: Sql, priority: Sql): Sql => sql`(${due} - ${priorityHeadStart(priority)})`

/** `jobs.is_due` of a job that is `due` then: whether that time has come. */
export const isDueAt = (due: Sql): Sql => sql`(${due} <= clock_timestamp())`

/**
 * An assignment for statements that let a job wait again, such as a lost lease. No signal tells dispatchers of such a
 * job, and they might pass over it among held work that they remember (worker/dispatch/held.ts). So it is not marked as
 * due, whatever its time is. The next dispatch of any worker marks it, and learns of it by that.
 */
export const COMES_BACK: Sql = sql`is_due = FALSE`

/** The time at which a job could have started, computed from its `rank_at`. It is the inverse of `rankAt`. */
export const dueAt = (rank: Sql, priority: Sql): Sql => sql`(${rank} + ${priorityHeadStart(priority)})`

/** How much earlier a job of this priority ranks than one of priority LOW. */
export const priorityHeadStart = (priority: Sql): Sql => sql`CASE ${priority} WHEN 'CRITICAL' THEN interval '30 minutes'
  WHEN 'HIGH' THEN interval '20 minutes' WHEN 'NORMAL' THEN interval '10 minutes' ELSE interval '0' END`
