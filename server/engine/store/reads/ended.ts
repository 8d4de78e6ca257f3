import { Prisma } from '@/server/db'
import type { JobStatus } from '../../domain/types'
import type { Cut } from './search'

const { sql, join, empty } = Prisma

/** How many of the newest jobs are looked through before the indexes by time are asked. */
const NEAR = 2_000
/** The largest page that is looked for among the newest jobs first. */
const LONGEST_PAGE = 5_000
/**
 * The statement that ends a job notes the end of its attempt a moment later. The moment is surely shorter than this.
 */
const SETTLING = sql`interval '1 minute'`

export interface EndedQuery {
  after?: Date
  before?: Date
  /** The final statuses that are asked for. */
  statuses: readonly JobStatus[]
  cut: Cut
  /** A table o(id) of the scope's organizations. */
  organizations: Prisma.Sql
  /**
   * A query for the ids of the newest jobs that can have ended in time, at most `limit`. It has the bound of the page and
   * the rest of the filter, but asks for no status where COMPLETED is one of `statuses`.
   */
  newest: (limit: number) => Prisma.Sql
  /** What the filter says of attempts a, and of jobs j beside their status and end. */
  ofAttempt: readonly Prisma.Sql[]
  ofJob: readonly Prisma.Sql[]
  /** What only the input of the job with an id can say; it holds where there is nothing to say. */
  ofInput: (id: Prisma.Sql) => Prisma.Sql
}

/**
 * The ids of jobs that ended within a stretch of time.
 *
 * Most jobs end soon after they were submitted, so a page of them is among the newest of those that were submitted
 * before the stretch ends. Where it is not (a backlog, an old job, few that match), all that ended in the stretch are
 * read by time: COMPLETED ones by their attempt, which has an index by its end for the metrics; the others by
 * `jobs_ended_badly`. No index of `jobs` by `finished_at` holds the COMPLETED ones, as every job would pay for it when
 * it completes. Figures in docs/decisions/0061.
 *
 * The newest are looked up one by one. OFFSET 0 keeps the planner from walking over all jobs by their ids beside them:
 * that walk began at the newest job of all, and for a page from the middle of a million it read 878,000.
 */
export function byEnd(query: EndedQuery): Prisma.Sql {
  const { statuses, cut, newest } = query
  const { limit, ordered = true } = cut
  if (!ordered || limit > LONGEST_PAGE) return byTime(query, () => empty)
  const near = Math.max(NEAR, 2 * limit)
  return sql`
    SELECT id FROM (
      WITH near AS MATERIALIZED (${newest(near)}),
      hits AS MATERIALIZED (
        SELECT near.id FROM near WHERE EXISTS (
          SELECT FROM jobs j WHERE j.id = near.id AND j.status::text = ANY(${statuses}) AND ${withinTime(query, sql`j.finished_at`)} OFFSET 0)
        ORDER BY near.id DESC LIMIT ${limit}
      ),
      enough AS MATERIALIZED (
        SELECT (SELECT count(*) FROM hits) >= ${limit}::int OR (SELECT count(*) FROM near) < ${near}::int AS near
      )
      SELECT id FROM hits
      UNION ALL
      SELECT id FROM (${byTime(query, (id) => sql`AND ${id} < (SELECT near.id FROM near ORDER BY near.id LIMIT 1)`)}) far WHERE NOT (SELECT near FROM enough)
    ) found ORDER BY id DESC LIMIT ${limit}`
}

/**
 * All jobs that ended in the stretch of time, read by the indexes by time. `more` makes a further condition on an id.
 * For a page not all of a long stretch is read. First the jobs that ended last are read, at least as many as the page
 * holds. No job of the page is older, by its id, than the newest `limit` of these, and no job ends before it is
 * submitted. So nothing that ended before the oldest of those `limit` was submitted has to be read. Ten minutes more are
 * read, twice CLOCK_SKEW_MS: the ids of both jobs may come from clocks that differ (domain/id-time.ts).
 */
function byTime(query: EndedQuery, more: (id: Prisma.Sql) => Prisma.Sql): Prisma.Sql {
  const { limit, ordered = true } = query.cut
  if (!ordered || limit > LONGEST_PAGE)
    return sql`SELECT e.id FROM ${endedIn(query, more)} ${ordered ? sql`ORDER BY e.id DESC` : empty} LIMIT ${limit}`
  const since = sql`(SELECT at FROM since)`
  return sql`
    WITH latest AS MATERIALIZED (SELECT e.id FROM ${endedIn(query, more, { latest: limit })}),
    since AS MATERIALIZED (
      SELECT COALESCE((SELECT j.created_at - interval '10 minutes' FROM jobs j
        WHERE j.id = (SELECT id FROM latest ORDER BY id DESC OFFSET ${limit - 1} LIMIT 1)), '-infinity'::timestamptz) AS at
    )
    SELECT e.id FROM ${endedIn(query, more, { since })} ORDER BY e.id DESC LIMIT ${limit}`
}

/**
 * A FROM clause with e(id): the jobs that ended in the stretch of time, and not before `since`. With `latest` it gives
 * at most that many of each organization's COMPLETED jobs and at most that many of its others: those that ended last.
 * `more` gives text that begins with AND, or nothing.
 */
function endedIn(
  query: EndedQuery,
  more: (id: Prisma.Sql) => Prisma.Sql,
  { latest, since }: { latest?: number; since?: Prisma.Sql } = {},
): Prisma.Sql {
  const { after, before, statuses, cut, organizations, ofAttempt, ofJob, ofInput } = query
  const others = statuses.filter((status) => status !== 'COMPLETED')
  const branch = (id: Prisma.Sql, from: Prisma.Sql, at: Prisma.Sql, conditions: readonly Prisma.Sql[]) => sql`(
    SELECT ${id} AS id FROM ${from}
    WHERE ${join(
      [
        ...conditions,
        since ? sql`${at} >= ${since}` : sql`TRUE`,
        // As a CASE, so that the index by time is read and none by ids. By ids it would be nearly all attempts.
        sql`CASE WHEN ${cut.before ? sql`${id} < ${cut.before}::uuid` : sql`TRUE`} ${more(id)} THEN TRUE ELSE FALSE END`,
        ofInput(id),
      ],
      ' AND ',
    )} ${latest === undefined ? empty : sql`ORDER BY ${at} DESC LIMIT ${latest}`})`
  const branches: Prisma.Sql[] = []
  if (statuses.includes('COMPLETED')) {
    // Only where the moment between the two ends can matter, the job itself is asked.
    const surely = sql`${after ? sql`a.ended_at >= ${after}::timestamptz + ${SETTLING}` : sql`TRUE`} AND ${before ? sql`a.ended_at < ${before}` : sql`TRUE`}`
    branches.push(
      branch(sql`a.job_id`, sql`job_attempts a`, sql`a.ended_at`, [
        sql`a.organization_id = o.id AND a.outcome = 'COMPLETED'`,
        after ? sql`a.ended_at >= ${after}` : sql`a.ended_at IS NOT NULL`,
        before ? sql`a.ended_at < ${before}::timestamptz + ${SETTLING}` : sql`TRUE`,
        ...ofAttempt,
        sql`((${surely}) OR EXISTS (SELECT FROM jobs j WHERE j.id = a.job_id AND ${withinTime(query, sql`j.finished_at`)} OFFSET 0))`,
      ]),
    )
  }
  if (others.length > 0) {
    branches.push(
      branch(sql`j.id`, sql`jobs j`, sql`j.finished_at`, [
        // The statuses are those of the index jobs_ended_badly, which is used for that.
        sql`j.organization_id = o.id AND j.status IN ('CANCELED', 'DEAD_LETTER')`,
        sql`j.status::text = ANY(${others})`,
        withinTime(query, sql`j.finished_at`),
        ...ofJob,
      ]),
    )
  }
  return sql`${organizations} CROSS JOIN LATERAL (${join(branches, ' UNION ALL ')}) e`
}

const withinTime = ({ after, before }: Pick<EndedQuery, 'after' | 'before'>, at: Prisma.Sql): Prisma.Sql =>
  sql`${after ? sql`${at} >= ${after}` : sql`TRUE`} AND ${before ? sql`${at} < ${before}` : sql`TRUE`}`
