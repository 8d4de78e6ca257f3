import { Prisma } from '@/server/db'
import type { JobFilter } from '../../domain/types'

const { sql, join } = Prisma

/** When attempts failed or timed out, and of which error. */
export type FailedQuery = Pick<JobFilter, 'failedAfter' | 'failedBefore' | 'errorFingerprint'>

/**
 * Whether a filter asks when attempts failed. Its fingerprint is then that of the attempt, and not of the job's last
 * error.
 */
export const asksWhenFailed = ({ failedAfter, failedBefore }: FailedQuery): boolean =>
  failedAfter !== undefined || failedBefore !== undefined

/**
 * Conditions on attempts a. The first is that of `job_attempts_by_cause`, which holds failures alone: however many
 * attempts completed, they are not read.
 */
const conditions = ({ failedAfter, failedBefore, errorFingerprint }: FailedQuery): Prisma.Sql =>
  join(
    [
      sql`a.error_fingerprint IS NOT NULL AND a.outcome IN ('FAILED', 'TIMED_OUT')`,
      ...(errorFingerprint ? [sql`a.error_fingerprint = ${errorFingerprint}`] : []),
      ...(failedAfter ? [sql`a.ended_at >= ${failedAfter}`] : []),
      ...(failedBefore ? [sql`a.ended_at < ${failedBefore}`] : []),
    ],
    ' AND ',
  )

/** Condition: an attempt of the job with this id failed in the time and of the error that are asked for. */
export const hasFailedAttempt = (id: Prisma.Sql, asked: FailedQuery): Prisma.Sql =>
  sql`EXISTS (SELECT FROM job_attempts a WHERE a.job_id = ${id} AND ${conditions(asked)} OFFSET 0)`

/**
 * A FROM clause with f(id): the jobs of which such an attempt failed, each once. `ofType`: conditions on `a.job_type`.
 */
export const failedJobs = (
  asked: FailedQuery,
  { organizations, ofType }: { organizations: Prisma.Sql; ofType: readonly Prisma.Sql[] },
): Prisma.Sql => sql`(
  SELECT DISTINCT failed.job_id AS id FROM ${organizations} CROSS JOIN LATERAL (
    SELECT a.job_id FROM job_attempts a
    WHERE ${join([sql`a.organization_id = o.id`, ...ofType, conditions(asked)], ' AND ')}) failed) f`

/** How many such attempts failed, of the jobs with the ids that a query gives. */
export const failuresOf = (ids: Prisma.Sql, asked: FailedQuery): Prisma.Sql =>
  sql`SELECT count(*)::int AS count FROM (${ids}) found JOIN job_attempts a ON a.job_id = found.id WHERE ${conditions(asked)}`
