import { Prisma } from '@/server/db'

type Sql = Prisma.Sql
const { sql } = Prisma

// The one home of how a job's rank follows from its due time and its priority. Everybody who writes a due
// time or a priority writes the rank again, and everybody who needs the due time reads it from the rank.

/**
 * `jobs.rank_at`: where a job stands in its queue, given when it is `due`. Sorting by due time less 10 minutes
 * for each priority above LOW is the same as letting a job rise one priority for each 10 minutes that it
 * waited (rule 4.11).
 */
export const rankAt = (due: Sql, priority: Sql): Sql => sql`(${due} - ${priorityHeadStart(priority)})`

/** When a job could have started, given its `rank_at`: the inverse of `rankAt`. */
export const dueAt = (rank: Sql, priority: Sql): Sql => sql`(${rank} + ${priorityHeadStart(priority)})`

/** How much earlier than a job of priority LOW one of this priority ranks. */
export const priorityHeadStart = (priority: Sql): Sql => sql`CASE ${priority} WHEN 'CRITICAL' THEN interval '30 minutes'
  WHEN 'HIGH' THEN interval '20 minutes' WHEN 'NORMAL' THEN interval '10 minutes' ELSE interval '0' END`
