import { Prisma, type DbOrTx } from '@/server/db'
import { attemptChecks } from './invariants/attempts'
import { dependencyChecks, dependencyChecksAtRest } from './invariants/dependencies'
import { hashChecks } from './invariants/hashes'
import { historyChecks } from './invariants/history'
import { limitChecks, limitChecksAtRest } from './invariants/limits'
import { rowChecks } from './invariants/rows'
import { scopeOf } from './invariants/scope'

/** What a check finds: the job (null where a row belongs to none) and what is wrong with it. */
interface Violation {
  job_id: string | null
  problem: string
}

/** How many violations one check reports. More of one kind say nothing new. */
const SHOWN_PER_CHECK = 20

/**
 * With more jobs than this, statistics are made before the statements run. Otherwise PostgreSQL may plan for the
 * handful of jobs that autovacuum saw last, join each with each, and take minutes.
 */
const MANY_JOBS = 1000

/**
 * What must hold whatever happened: faults, races, restarts. Returns one line for each violation (20 of one check at
 * most), none when all is well. Looks at all jobs of the organization (of all, without one), so it belongs
 * in tests and campaigns. Every check is one statement, and true of any moment, also while workers run. There is one
 * exception: a concurrency limit that was just lowered is reported until enough running jobs have ended.
 *
 * @param quiet also what holds only at rest, because sweeps bring it about within seconds: no child
 * waits for a dead parent or for more parents than it has, and a deleted organization has nothing unfinished.
 */
export async function checkInvariants(
  db: DbOrTx,
  { organizationId, quiet = false }: { organizationId?: string; quiet?: boolean } = {},
): Promise<string[]> {
  const scope = scopeOf(organizationId)
  const checks = [
    ...historyChecks(scope.jobs),
    ...attemptChecks(scope.jobs),
    ...rowChecks(scope.jobs),
    ...hashChecks(scope),
    ...dependencyChecks(scope),
    ...limitChecks(scope),
    ...(quiet ? [...dependencyChecksAtRest(scope), ...limitChecksAtRest(scope)] : []),
  ]
  if (await hasMoreJobs(db, MANY_JOBS)) {
    await db.$executeRaw`ANALYZE jobs, job_inputs, job_results, job_attempts, execution_logs, job_dependencies, dedupe_claims`
  }
  const found: string[] = []
  for (const check of checks) {
    const rows = await db.$queryRaw<Violation[]>(Prisma.sql`${check} LIMIT ${SHOWN_PER_CHECK}`)
    found.push(...rows.map(({ job_id, problem }) => `${job_id ?? 'no job'}: ${problem}`))
  }
  return found
}

async function hasMoreJobs(db: DbOrTx, count: number): Promise<boolean> {
  return (await db.$queryRaw<unknown[]>`SELECT FROM jobs LIMIT ${count + 1}`).length > count
}
