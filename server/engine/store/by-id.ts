import { Prisma } from '@/server/db'
import type { JobStatus } from '../domain/types'

// Joins that look jobs up by their ids, whatever the statistics say. A plan is made for the numbers that the tables had
// when they were last analyzed. Jobs are soon many more, and a plan that was good for none of them may then read all jobs
// for each statement, or all jobs in a status for each id (decision 0144).
//
// Each join compares the id once more, which is always true: so PostgreSQL expects few rows, and looks up by key whatever
// is joined to them.

const { sql } = Prisma

/**
 * Joins the jobs with these ids as `j`. Conditions on `j` belong after it.
 * @param id the id, as a column of a table that stands before this join
 */
export const joinJobs = (id: Prisma.Sql): Prisma.Sql =>
  sql`JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = ${id} OFFSET 0) j ON j.id = ${id}`

/**
 * Joins and locks the jobs with the ids `s.job_id`, in the order of `s`, as `locked`, with their status. `s` must be
 * sorted by ids where it may hold several, so that two statements never wait for each other. Conditions belong into
 * `fence`: a WHERE clause that follows would be asked after the job was locked.
 *
 * The status is compared as text, which no index offers.
 * @param from the statuses that are locked. Jobs in others are left out
 * @param fence a further condition on `j` and `s`
 * @param lock 'skip' leaves out the jobs that somebody else has locked
 */
export const lockJobs = (
  from: readonly JobStatus[],
  fence: Prisma.Sql | undefined,
  lock: 'skip' | 'wait',
): Prisma.Sql =>
  sql`JOIN LATERAL (
      SELECT j.id, j.status FROM jobs j
      WHERE j.id = s.job_id AND j.status::text IN (${Prisma.join(from.map((status) => Prisma.raw(`'${status}'`)))})
        ${fence ? sql`AND (${fence})` : Prisma.empty}
      OFFSET 0 FOR NO KEY UPDATE OF j ${lock === 'skip' ? sql`SKIP LOCKED` : Prisma.empty}) locked ON locked.id = s.job_id`
