import { Prisma } from '@/server/db'
import type { Cut } from './search'

// Candidates are the newest jobs, matching or not, that are looked at before the query over each organization runs.
const LEAST_CANDIDATES = 2_000
const MOST_CANDIDATES = 40_000
/**
 * How many candidates there are for each job that the page shows, on a page of 100 jobs and more. Where fewer than one in
 * 20 matches, the query over each organization runs as well, after the candidates were looked at in vain.
 */
const CANDIDATES_FOR_EACH_WANTED = 20

/**
 * The largest page for which `amongTheNewest` is used. A larger one would need more candidates than are looked at, so
 * it would rarely be filled by them.
 */
export const MOST_WANTED = MOST_CANDIDATES / CANDIDATES_FOR_EACH_WANTED

interface Sources {
  /** A source in which job_inputs is `i`. */
  from: Prisma.Sql
  /** Its conditions, including the bound of `before`. */
  where: Prisma.Sql
  /** The query over each organization, with the same conditions. It gives `id`s. */
  otherwise: Prisma.Sql
}

/**
 * Looks among the newest jobs of all organizations for those that a page shows. The query over each organization runs
 * only where there are too few of them (decision 0123).
 */
export function amongTheNewest({ from, where, otherwise }: Sources, { limit, before }: Cut): Prisma.Sql {
  const candidates = Math.min(MOST_CANDIDATES, Math.max(LEAST_CANDIDATES, CANDIDATES_FOR_EACH_WANTED * limit))
  // The two counts: PostgreSQL evaluates each of the conditions once, so only one of the two branches runs.
  return Prisma.sql`
  WITH newest AS MATERIALIZED (
    SELECT i.job_id AS id FROM ${from} WHERE ${where} AND i.job_id >= ${oldestCandidate(candidates, before)}
    ORDER BY i.job_id DESC LIMIT ${limit})
  SELECT id FROM newest WHERE (SELECT count(*) FROM newest) >= ${limit}
  UNION ALL
  SELECT id FROM (${otherwise}) of_each WHERE (SELECT count(*) FROM newest) < ${limit}
  ORDER BY id DESC`
}

/**
 * The newest jobs of some statuses over all organizations. The index of statuses knows the newest of each organization
 * alone. For a long list, nearly all jobs with these statuses would be read from it and sorted. Unfinished jobs are
 * mostly young. So the query first looks only above a floor, the id of the oldest of the newest MOST_CANDIDATES jobs.
 * It runs without a floor only where that finds too few.
 *
 * @param above makes the query with a condition on ids, or without one
 */
export function aboveAFloor(above: (floor: Prisma.Sql) => Prisma.Sql, { limit, before }: Cut): Prisma.Sql {
  return Prisma.sql`
  SELECT id FROM (
    WITH newest AS MATERIALIZED (${above(Prisma.sql`AND j.id >= ${oldestCandidate(MOST_CANDIDATES, before)}`)})
    SELECT id FROM newest WHERE (SELECT count(*) FROM newest) >= ${limit}
    UNION ALL
    SELECT id FROM (${above(Prisma.empty)}) of_each WHERE (SELECT count(*) FROM newest) < ${limit}
  ) found ORDER BY id DESC`
}

/** The id of the oldest candidate. Where there are fewer jobs than that, all are: no id is below one of zeros. */
const oldestCandidate = (candidates: number, before: string | undefined): Prisma.Sql => Prisma.sql`COALESCE((
      SELECT n.job_id FROM job_inputs n ${before ? Prisma.sql`WHERE n.job_id < ${before}::uuid` : Prisma.empty}
      ORDER BY n.job_id DESC OFFSET ${candidates}::int LIMIT 1), '00000000-0000-0000-0000-000000000000')`
