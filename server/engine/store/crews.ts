import { Prisma } from '@/server/db'
import type { Crew } from '../domain/crew'
import { takesWork } from './live-workers'

type Sql = Prisma.Sql
const { sql } = Prisma

// Says which jobs a crew of workers may be given: those of its pools, whose handler it has. A job follows the pool that
// its type has now, and the handler of the version that it was submitted with.

/** Condition on a job type `t`: the crew takes its pool. */
export const takesPoolOf = ({ pools }: Crew): Sql =>
  sql`(${pools && [...pools]}::text[] IS NULL OR t.pool = ANY(${pools && [...pools]}::text[]))`

/** The handler of the version `v` of the type `t`. */
export const handlerOf = sql`COALESCE(v.handler, t.handler)`

/**
 * CTE `unable`: the versions of job types whose handler the crew does not have, of the types in the CTE `lanes`.
 * `never` says that it has none of any version of the type. Empty for a crew that has every handler. Each type is
 * looked up by its key, so other job types cost nothing, however many there are: with OFFSET 0, because a join of all
 * tables would read them from end to end (decision 0135).
 */
export const unable = ({ handlers }: Crew): Sql => sql`unable AS MATERIALIZED (
  SELECT * FROM (
    SELECT l.job_type, v.version, v.lacks, bool_and(v.lacks) OVER (PARTITION BY l.job_type) AS never
    FROM (SELECT DISTINCT job_type FROM lanes WHERE ${handlers && [...handlers]}::text[] IS NOT NULL) l
    CROSS JOIN LATERAL (SELECT t.handler FROM job_types t WHERE t.name = l.job_type OFFSET 0) t
    CROSS JOIN LATERAL (
      SELECT v.version, ${handlerOf} <> ALL(${handlers && [...handlers]}::text[]) AS lacks
      FROM job_type_versions v WHERE v.job_type = l.job_type OFFSET 0) v) all_versions
  WHERE lacks)`

/** Condition on a job `j` of the type `t`: the crew has the handler of its version. */
export const hasHandlerOf = ({ handlers }: Crew): Sql => sql`(${handlers && [...handlers]}::text[] IS NULL OR (
  SELECT ${handlerOf} FROM job_type_versions v WHERE v.job_type = j.job_type AND v.version = j.job_type_version
) = ANY(${handlers && [...handlers]}::text[]))`

/** Condition on a row `w` of `workers` and a job type `t`: the worker takes the pool of the type. */
export const workerTakesPool = sql`(w.pools IS NULL OR t.pool = ANY(w.pools))`

/** Condition on a row `w` of `workers`: it has the handler that the SQL expression names. */
export const workerHas = (handler: Sql): Sql => sql`(w.handlers IS NULL OR ${handler} = ANY(w.handlers))`

const anyWorker = (condition: Sql): Sql => sql`EXISTS (SELECT 1 FROM workers w WHERE ${takesWork} AND ${condition})`

/** Condition on a job type `t`: workers are alive, but none that takes its pool. */
export const poolIsEmpty = sql`(${anyWorker(sql`TRUE`)} AND NOT ${anyWorker(workerTakesPool)})`

/** Condition on a job type `t`: workers of its pool are alive, but none has the handler that it names now. */
export const nobodyHasHandler = sql`(${anyWorker(workerTakesPool)} AND NOT ${anyWorker(
  sql`${workerTakesPool} AND ${workerHas(sql`t.handler`)}`,
)})`
