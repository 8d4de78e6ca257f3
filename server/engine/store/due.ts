import { Prisma } from '@/server/db'
import { priorityHeadStart } from './rank'

type Sql = Prisma.Sql
const { sql } = Prisma

// Says which jobs wait, and keeps work that is due apart from work for later. The dispatcher walks all kinds of due
// work. What lies in the future costs it nothing, however many kinds there are: it stands in an index of its own, in
// the order in which its time comes, and is marked as due when it has come (decision 0080).

/** Condition: the job waits, and for no parent. Its time may lie ahead, and holds and limits may keep it back. */
export const waiting = sql`j.status IN ('PENDING', 'FAILED', 'TIMED_OUT') AND j.pending_parents = 0`

/** The jobs that are in the index jobs_eligible. It must be the index's predicate, word for word. */
export const waitingAndDue = sql`${waiting} AND j.is_due`

/** The jobs that are in the index jobs_for_later. It must be the index's predicate, word for word. */
export const waitingForLater = sql`${waiting} AND NOT j.is_due`

/**
 * Condition: the time of the job has come. It compares with a time that is fixed for the statement, so that an index
 * can stop there. Stored times are rounded to milliseconds, and may lie a little later than the moment that was meant.
 */
export const hasCome = (priority: Sql): Sql => sql`j.rank_at <= ${rankOfNow(priority)}`

/** Condition: the time of the job lies ahead. */
export const isAhead = (priority: Sql): Sql => sql`j.rank_at > ${rankOfNow(priority)}`

/** The rank of a job of this priority whose time comes just now. */
export const rankOfNow = (priority: Sql): Sql =>
  sql`(statement_timestamp() + interval '1 millisecond' - ${priorityHeadStart(priority)})`

/**
 * The rows of a query over waiting jobs, read from both indexes: those that are marked as due, and the others. Without
 * a dispatcher nothing is marked, so `hasCome` alone tells what is due.
 */
export const overWaiting = (query: (waitingHere: Sql) => Sql): Sql =>
  sql`${query(waitingAndDue)} UNION ALL ${query(waitingForLater)}`

/** The most jobs of one priority that one statement marks as due. */
const MARKED_AT_ONCE = 500

const jobsThatCameDue = (last: Sql) => sql`unnest(enum_range(NULL::"JobPriority")) AS p(priority) CROSS JOIN LATERAL (
  SELECT j.* FROM jobs j WHERE ${waitingForLater} AND j.priority = p.priority AND ${hasCome(sql`p.priority`)} ${last})`

const earliestFirst = (limit: Sql) => sql`ORDER BY j.rank_at, j.id ${limit}`

/**
 * CTE `come_due`: marks jobs whose time has come, the earliest first, and gives the queue and the organization of each.
 * Jobs that somebody else has locked are left for the next time. `manyCameDue` says whether there may be more.
 */
export const comeDue = sql`come_due AS (
  UPDATE jobs SET is_due = TRUE FROM ${jobsThatCameDue(earliestFirst(sql`LIMIT ${MARKED_AT_ONCE}::int FOR NO KEY UPDATE OF j SKIP LOCKED`))} f
  WHERE jobs.id = f.id RETURNING jobs.queue, jobs.priority, jobs.organization_id)`

/** Over `come_due`: whether one statement marked as many jobs of a priority as it may. */
export const manyCameDue = sql`EXISTS (SELECT 1 FROM come_due GROUP BY priority HAVING count(*) >= ${MARKED_AT_ONCE}::int)`

/**
 * FROM clause with `j`: jobs whose time has come and that no dispatcher has marked yet. There are more than a few only
 * while no worker is alive. The last condition is true of every job, and is in no index. Without it the planner walks
 * the index by kind from lane to lane, and not the one in which these jobs come first.
 */
export const notMarkedYet = sql`${jobsThatCameDue(sql`AND j.created_at < 'infinity'`)} j`
