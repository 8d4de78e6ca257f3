import { Prisma } from '@/server/db'
import { MORE, type Cut } from './search'

const { sql, empty } = Prisma

/** How many jobs that meet the other conditions are looked at first, for a page of at most `LONGEST_PAGE`. */
const NEAR = 5_000
const LONGEST_PAGE = 200
/** How many jobs a brief count looks at: of those that meet the other conditions, and of those that have the values. */
const BRIEF = 2_000

export interface ParametersQuery {
  cut: Cut
  /**
   * The ids of jobs that meet the other conditions of the filter and the bound of the page, in the order of the cut, at
   * most `limit`.
   */
  rest: (limit: number) => Prisma.Sql
  /** Condition: the job with this id meets the same, apart from the scope. */
  restHolds: (id: Prisma.Sql) => Prisma.Sql
  /** What is asked of parameters, of job_inputs `i`. */
  holds: Prisma.Sql
  /** The query by the index of parameters, for whatever the others do not find. */
  otherwise: Prisma.Sql
}

/**
 * Jobs of all organizations with some values in their parameters. The index of values gathers all jobs that have them,
 * whatever their status. So a page is looked for among the newest jobs that meet the other conditions. A brief count
 * (`Cut.brief`) looks at some jobs that meet the other conditions, and at some that have the values. Null for a longer
 * page and for a count that is not brief.
 */
export function byParametersEverywhere({ cut, rest, restHolds, holds, otherwise }: ParametersQuery): Prisma.Sql | null {
  const { limit, ordered = true, brief = false } = cut
  const near = ordered ? NEAR : BRIEF
  if (ordered ? limit > LONGEST_PAGE : !brief) return null
  const hits = sql`near AS MATERIALIZED (${rest(near)}),
    hits AS MATERIALIZED (
      SELECT near.id FROM near WHERE EXISTS (SELECT FROM job_inputs i WHERE i.job_id = near.id AND ${holds} OFFSET 0)
      ${ordered ? sql`ORDER BY near.id DESC` : empty} LIMIT ${limit}
    ),
    enough AS MATERIALIZED (
      SELECT (SELECT count(*) FROM hits) >= ${limit}::int OR (SELECT count(*) FROM near) < ${near}::int AS near
    )`
  if (ordered)
    return sql`
      SELECT id FROM (
        WITH ${hits}
        SELECT id FROM hits WHERE (SELECT near FROM enough)
        UNION ALL SELECT id FROM (${otherwise}) all_of_them WHERE NOT (SELECT near FROM enough)
      ) found ORDER BY id DESC LIMIT ${limit}`
  return sql`
    WITH ${hits},
    far AS MATERIALIZED (
      SELECT id FROM (SELECT i.job_id AS id FROM job_inputs i WHERE ${holds} LIMIT ${BRIEF}) those WHERE NOT (SELECT near FROM enough)
    )
    SELECT id FROM (SELECT id FROM hits UNION SELECT far.id FROM far WHERE ${restHolds(sql`far.id`)}) found
    UNION ALL SELECT ${MORE}::uuid WHERE (SELECT count(*) FROM far) >= ${BRIEF}::int`
}
