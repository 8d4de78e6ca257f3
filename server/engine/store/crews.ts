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
 * CTE `unable`: the versions of job types whose handler the crew does not have. `never` says that it has none of any
 * version of the type. Empty for a crew that has every handler.
 */
export const unable = ({ handlers }: Crew): Sql => sql`unable AS MATERIALIZED (
  SELECT * FROM (
    SELECT v.job_type, v.version, lacks.it, bool_and(lacks.it) OVER (PARTITION BY v.job_type) AS never
    FROM job_type_versions v JOIN job_types t ON t.name = v.job_type
    CROSS JOIN LATERAL (SELECT ${handlerOf} <> ALL(${handlers && [...handlers]}::text[]) AS it) lacks
    WHERE ${handlers && [...handlers]}::text[] IS NOT NULL) all_versions
  WHERE it)`

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
