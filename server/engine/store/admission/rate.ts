import { Prisma, type Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'

// The rate limits of job types: how many jobs are taken within a window of time.

/** Jobs of one type that are to be submitted, and the rate limit of that type for each organization. */
export interface RateWish {
  jobType: string
  jobs: number
  count: number
  windowSeconds: number
}

/**
 * Admits jobs under the rate limits of their types: in any interval as long as the window, at most `count` jobs are
 * admitted. This is exact, also when many submit at once. Each organization and type has a lock. Locks are taken in the
 * order of types and held until the transaction ends. A rollback gives everything back.
 *
 * @throws EngineError RATE_LIMITED with `retryAfterSeconds`, after which as many jobs would be admitted. Where so many
 *   never are, it is the length of the window
 */
export async function admitAtRate(tx: Tx, organizationId: string, wishes: readonly RateWish[]): Promise<void> {
  for (const wish of [...wishes].sort((a, b) => (a.jobType < b.jobType ? -1 : 1))) {
    const { jobType, jobs, count, windowSeconds } = wish
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`jobyard rate ${organizationId} ${jobType}`}, 0))`
    // This is a statement of its own, so that it sees what the last holder of the lock admitted. `since` counts the jobs
    // of an admission and of all newer ones.
    const [row] = await tx.$queryRaw<{ admitted: boolean; retry_after: number | null }[]>(Prisma.sql`
      WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now, ${windowSeconds} * interval '1 second' AS size),
      recent AS MATERIALIZED (
        SELECT r.at, sum(r.jobs) OVER (ORDER BY r.at DESC, r.id DESC) AS since
        FROM rate_admissions r, clock c
        WHERE r.organization_id = ${organizationId}::uuid AND r.job_type = ${jobType} AND r.at >= c.now - c.size
      ),
      admitted AS (
        INSERT INTO rate_admissions (organization_id, job_type, at, jobs)
        SELECT ${organizationId}::uuid, ${jobType}, now, ${jobs}::int FROM clock
        WHERE COALESCE((SELECT max(since) FROM recent), 0) + ${jobs}::int <= ${count}::int RETURNING id
      ),
      passed AS (
        DELETE FROM rate_admissions r USING clock c
        WHERE r.organization_id = ${organizationId}::uuid AND r.job_type = ${jobType} AND r.at < c.now - c.size
      )
      SELECT EXISTS (SELECT 1 FROM admitted) AS admitted,
        -- The newest admission that has to leave the window before all of these fit.
        (SELECT ceil(EXTRACT(EPOCH FROM max(r.at) + c.size - c.now))::int FROM recent r, clock c WHERE r.since > ${count}::int - ${jobs}::int GROUP BY c.size, c.now) AS retry_after`)
    if (!row?.admitted) throw rateLimited(wish, Math.max(1, row?.retry_after ?? windowSeconds))
  }
}

function rateLimited({ jobType, jobs, count, windowSeconds }: RateWish, retryAfterSeconds: number): EngineError {
  const limit = `At most ${count} "${jobType}" are admitted in ${windowSeconds} s for each organization`
  if (count === 0)
    return new EngineError('RATE_LIMITED', `${limit}: none until an admin raises the limit.`, {
      retryAfterSeconds: windowSeconds,
    })
  if (jobs > count) {
    return new EngineError('RATE_LIMITED', `${limit}; ${jobs} at once never fit. Split the batch.`, {
      retryAfterSeconds: windowSeconds,
    })
  }
  return new EngineError('RATE_LIMITED', `${limit}. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
}
