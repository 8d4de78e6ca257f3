import { Prisma } from '@/server/db'
import type { JobStatus } from '../../domain/types'
import type { Cut } from './filter'

const { sql, empty } = Prisma

/** Newest jobs that are looked through before the indexes by time are asked. */
const NEAR = 2_000
/** Pages up to this many jobs are looked for among the newest first. */
const LONGEST_PAGE = 5_000
/** An attempt ends in the statement that ends its job, a moment after it. */
const SETTLING = sql`interval '1 minute'`

export interface EndedQuery {
  after?: Date
  before?: Date
  /** The final statuses that are asked for. */
  statuses: readonly JobStatus[]
  cut: Cut
  /** A table o(id) of the scope's organizations. */
  organizations: Prisma.Sql
  /** The ids of the newest jobs that fit the rest of the filter and can have ended before its end, so many of them. */
  newest: (limit: number) => Prisma.Sql
  /** Whether the filter, but for the scope, holds for the job with this id. */
  holds: (id: Prisma.Sql) => Prisma.Sql
}

/**
 * The ids of jobs that ended within a stretch of time.
 *
 * Most jobs end soon after they were submitted, so a page of them is among the newest of those that were submitted before the stretch
 * ends. Where it is not (a backlog, an old job, few that match), all that ended in the stretch are read by time: COMPLETED ones by their
 * attempt, which has an index by its end for the metrics; the others by `jobs_ended_badly`. No index of `jobs` by
 * `finished_at` holds the COMPLETED ones, as every job would pay for it when it completes. Figures in docs/decisions/0061.
 */
export function byEnd({ after, before, statuses, cut, organizations, newest, holds }: EndedQuery): Prisma.Sql {
  const { limit, ordered = true } = cut
  const completed = statuses.includes('COMPLETED')
  const others = statuses.filter((status) => status !== 'COMPLETED')
  const within = (at: Prisma.Sql, slack: Prisma.Sql = empty) => sql`
    ${after ? sql`${at} >= ${after}` : sql`TRUE`} AND ${before ? sql`${at} < ${before}::timestamptz ${slack}` : sql`TRUE`}`
  const byTime = Prisma.join(
    [
      ...(completed
        ? [
            sql`SELECT a.job_id AS id FROM job_attempts a
            WHERE a.organization_id = o.id AND a.outcome = 'COMPLETED' AND ${within(sql`a.ended_at`, sql`+ ${SETTLING}`)}`,
          ]
        : []),
      ...(others.length > 0
        ? [
            sql`SELECT j.id FROM jobs j WHERE j.organization_id = o.id AND j.status IN ('CANCELED', 'DEAD_LETTER')
            AND j.status = ANY(${others}::"JobStatus"[]) AND ${within(sql`j.finished_at`)}`,
          ]
        : []),
    ],
    ' UNION ALL ',
  )
  const below = cut.before ? sql`e.id < ${cut.before}::uuid` : sql`TRUE`
  const far = (more: Prisma.Sql) => sql`
    SELECT e.id FROM ${organizations} CROSS JOIN LATERAL (${byTime}) e
    WHERE ${below} AND ${more} AND ${holds(sql`e.id`)}
    ${ordered ? sql`ORDER BY e.id DESC` : empty} LIMIT ${limit}`
  if (!ordered || limit > LONGEST_PAGE) return far(sql`TRUE`)
  const near = Math.max(NEAR, 2 * limit)
  return sql`
    SELECT id FROM (
      WITH near AS MATERIALIZED (${newest(near)}),
      hits AS MATERIALIZED (SELECT near.id FROM near WHERE ${holds(sql`near.id`)} ORDER BY near.id DESC LIMIT ${limit}),
      enough AS MATERIALIZED (
        SELECT (SELECT count(*) FROM hits) >= ${limit}::int OR (SELECT count(*) FROM near) < ${near}::int AS near
      )
      SELECT id FROM hits
      UNION ALL
      SELECT id FROM (${far(sql`e.id < (SELECT near.id FROM near ORDER BY near.id LIMIT 1)`)}) far WHERE NOT (SELECT near FROM enough)
    ) found ORDER BY id DESC LIMIT ${limit}`
}
