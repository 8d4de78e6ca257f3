import { Prisma } from '@/server/db'
import { commonConditions, joinedByAnd, type ResolvedFilter } from './filter-conditions'
import type { Cut } from './search'

const { sql, empty } = Prisma

/**
 * Somebody who submitted at most so many jobs has submitted few: each of them is looked at, even for a page of 25.
 * Where few jobs have the statuses, it would be cheaper to walk those, so the number is small.
 */
const FEW = 500

interface Submitted {
  filter: ResolvedFilter
  /** A table o(id) of the organizations in the scope. */
  organizations: Prisma.Sql
  cut: Cut
  /** Condition: the job with this id meets the filter and the bound of the page, apart from the scope. */
  holds: (id: Prisma.Sql) => Prisma.Sql
  /** The query over statuses. It gives `id`s. */
  otherwise: Prisma.Sql
}

/**
 * Jobs of some statuses that somebody submitted. An index knows what each person submitted, and another one the
 * statuses; none knows both. So the jobs of somebody who submitted few are looked at one by one, and where they are
 * more, those with the statuses are walked. Both counts are evaluated once, so only one of the branches runs.
 */
export function bySubmitter({ filter, organizations, cut, holds, otherwise }: Submitted): Prisma.Sql {
  const mine = joinedByAnd([sql`i.organization_id = o.id`, ...commonConditions(filter, 'i', cut)])
  return sql`
    SELECT id FROM (
      WITH theirs AS MATERIALIZED (
        SELECT i.job_id AS id FROM ${organizations} CROSS JOIN LATERAL (
          SELECT i.job_id FROM job_inputs i WHERE ${mine} ORDER BY i.job_id DESC LIMIT ${FEW + 1}) i
        LIMIT ${FEW + 1}
      )
      SELECT t.id FROM theirs t WHERE (SELECT count(*) FROM theirs) <= ${FEW}::int AND ${holds(sql`t.id`)}
      UNION ALL
      SELECT id FROM (${otherwise}) all_of_them WHERE (SELECT count(*) FROM theirs) > ${FEW}::int
    ) found ${cut.ordered === false ? empty : sql`ORDER BY id DESC`} LIMIT ${cut.limit}`
}
