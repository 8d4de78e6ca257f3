import { Prisma, type DbOrTx } from '@/server/db'
import { TRANSITIONS, UNFINISHED_STATUSES } from './domain/state'

/** What a check finds: the job (null where a row belongs to none) and what is wrong with it. */
interface Violation {
  job_id: string | null
  problem: string
}

/** More of one kind say nothing new. */
const SHOWN_PER_CHECK = 20

/**
 * What must hold whatever happened: faults, races, restarts. Returns one line for each violation,
 * none when all is well. Looks at all jobs of the organization (of all, without one), so it belongs
 * in tests and campaigns. Every check is one statement, and true of any moment, also while workers run.
 */
export async function checkInvariants(db: DbOrTx, { organizationId }: { organizationId?: string } = {}): Promise<string[]> {
  const jobs = organizationId
    ? Prisma.sql`(SELECT * FROM jobs WHERE organization_id = ${organizationId}::uuid)`
    : Prisma.sql`jobs`
  const claims = organizationId
    ? Prisma.sql`(SELECT * FROM dedupe_claims WHERE organization_id = ${organizationId}::uuid)`
    : Prisma.sql`dedupe_claims`
  const found: string[] = []
  for (const check of checks(jobs, claims)) {
    const rows = await db.$queryRaw<Violation[]>(Prisma.sql`${check} LIMIT ${SHOWN_PER_CHECK}`)
    found.push(...rows.map(({ job_id, problem }) => `${job_id ?? 'no job'}: ${problem}`))
  }
  return found
}

const listed = Prisma.join(
  Object.entries(TRANSITIONS).flatMap(([from, all]) => all.map((to) => Prisma.sql`(${from}, ${to})`)),
)
const unfinished = Prisma.join(UNFINISHED_STATUSES.map((status) => Prisma.sql`${status}`))

/** Each yields job_id and problem, over `jobs` and `claims` of the scope. */
function checks(jobs: Prisma.Sql, claims: Prisma.Sql): Prisma.Sql[] {
  return [...historyChecks(jobs), ...attemptChecks(jobs), ...rowChecks(jobs), ...hashChecks(jobs, claims)]
}

/** The history is a path of the state table from (new) to where the job is. */
function historyChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  // Ids of one job's rows rise with its transitions: each is drawn under the job's lock.
  const steps = Prisma.sql`
    SELECT l.*, lag(l.to_status) OVER path AS before, lead(l.id) OVER path IS NULL AS is_last, row_number() OVER path AS step
    FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WINDOW path AS (PARTITION BY l.job_id ORDER BY l.id)`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, 'has no history' AS problem FROM ${jobs} j
      WHERE NOT EXISTS (SELECT 1 FROM execution_logs l WHERE l.job_id = j.id)`,
    Prisma.sql`
      SELECT job_id, format('its history begins with %s to %s', COALESCE(from_status::text, '(new)'), to_status) AS problem
      FROM (${steps}) s WHERE step = 1 AND NOT (from_status IS NULL AND to_status = 'PENDING')`,
    Prisma.sql`
      SELECT job_id, format('its history says %s to %s where it was %s', COALESCE(from_status::text, '(new)'), to_status, before) AS problem
      FROM (${steps}) s WHERE step > 1 AND from_status IS DISTINCT FROM before`,
    Prisma.sql`
      SELECT job_id, format('its history has %s to %s, which the state table does not list', from_status, to_status) AS problem
      FROM (${steps}) s WHERE step > 1 AND (from_status::text, to_status::text) NOT IN (${listed})`,
    Prisma.sql`
      SELECT s.job_id, format('is %s, and its history ends in %s', j.status, s.to_status) AS problem
      FROM (${steps}) s JOIN ${jobs} j ON j.id = s.job_id WHERE s.is_last AND s.to_status <> j.status`,
    Prisma.sql`
      SELECT l.job_id, format('was COMPLETED %s times', count(*)) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.to_status = 'COMPLETED' GROUP BY l.job_id HAVING count(*) > 1`,
    Prisma.sql`
      SELECT l.job_id, format('its history is of organization %s', l.organization_id) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.organization_id <> j.organization_id`,
  ]
}

/** `dispatch` and `attempt` rise by one and are never reused; attempts and history say the same. */
function attemptChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  const agrees = Prisma.sql`CASE a.outcome
    WHEN 'COMPLETED' THEN l.to_status = 'COMPLETED'
    WHEN 'FAILED' THEN l.to_status IN ('FAILED', 'DEAD_LETTER')
    WHEN 'TIMED_OUT' THEN l.to_status IN ('TIMED_OUT', 'DEAD_LETTER')
    WHEN 'CANCELED' THEN l.to_status = 'CANCELED'
    WHEN 'LOST' THEN l.to_status IN ('PENDING', 'DEAD_LETTER')
    WHEN 'HANDED_BACK' THEN l.to_status = 'PENDING' END`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('has dispatch %s after becoming QUEUED %s times', j.dispatch, count(l.id)) AS problem
      FROM ${jobs} j LEFT JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'QUEUED'
      GROUP BY j.id, j.dispatch HAVING count(l.id) <> j.dispatch`,
    Prisma.sql`
      SELECT job_id, format('its claim number %s has attempt %s', nth, attempt) AS problem
      FROM (SELECT l.job_id, l.attempt, row_number() OVER (PARTITION BY l.job_id ORDER BY l.id) AS nth
            FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.to_status = 'RUNNING') s WHERE attempt <> nth`,
    Prisma.sql`
      SELECT j.id AS job_id, format('has attempt %s after %s claims', j.attempt, count(l.id)) AS problem
      FROM ${jobs} j LEFT JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'RUNNING'
      GROUP BY j.id, j.attempt HAVING count(l.id) <> j.attempt`,
    Prisma.sql`
      SELECT l.job_id, format('attempt %s ended %s times', l.attempt, count(*)) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.from_status = 'RUNNING'
      GROUP BY l.job_id, l.attempt HAVING count(*) > 1`,
    Prisma.sql`
      SELECT j.id AS job_id, format('attempt %s was claimed and is not kept', l.attempt) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'RUNNING'
      WHERE NOT EXISTS (SELECT 1 FROM job_attempts a WHERE a.job_id = j.id AND a.attempt = l.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s is kept and was never claimed', a.attempt) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      WHERE NOT EXISTS (SELECT 1 FROM execution_logs l WHERE l.job_id = j.id AND l.to_status = 'RUNNING' AND l.attempt = a.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s is open while the job is %s in attempt %s', a.attempt, j.status, j.attempt) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      WHERE a.outcome IS NULL AND NOT (j.status = 'RUNNING' AND j.attempt = a.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s has outcome %s, and the history says %s', a.attempt, a.outcome, COALESCE(l.to_status::text, 'nothing')) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      LEFT JOIN execution_logs l ON l.job_id = j.id AND l.from_status = 'RUNNING' AND l.attempt = a.attempt
      WHERE a.outcome IS NOT NULL AND (l.id IS NULL OR NOT (${agrees}))`,
    // A retry by a person sets failures to 0; its history row carries the last attempt before it.
    Prisma.sql`
      SELECT job_id, format('has failures %s after %s failed attempts', failures, failed) AS problem
      FROM (SELECT j.id AS job_id, j.failures, (
              SELECT count(*) FROM job_attempts a WHERE a.job_id = j.id AND a.outcome IN ('FAILED', 'TIMED_OUT') AND a.attempt > COALESCE((
                SELECT max(l.attempt) FROM execution_logs l WHERE l.job_id = j.id AND l.to_status = 'PENDING'
                  AND l.from_status IN ('FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER')), 0)) AS failed
            FROM ${jobs} j) s WHERE failures <> failed`,
  ]
}

/** What a status must have. The database checks much of it too; a campaign must not take that on trust. */
function rowChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  const only = (condition: Prisma.Sql, problem: string) =>
    Prisma.sql`SELECT j.id AS job_id, format(${problem}, j.status) AS problem FROM ${jobs} j WHERE ${condition}`
  return [
    only(Prisma.sql`(j.status = 'RUNNING') <> (j.lease_until IS NOT NULL AND j.worker_id IS NOT NULL)`, 'is %s, which does not fit its lease'),
    only(Prisma.sql`(j.status IN ('FAILED', 'TIMED_OUT')) <> (j.next_retry_at IS NOT NULL)`, 'is %s, which does not fit its next retry'),
    only(Prisma.sql`(j.status IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')) <> (j.finished_at IS NOT NULL)`, 'is %s, which does not fit its finish'),
    only(Prisma.sql`(j.status = 'CANCELED') <> (j.canceled_at IS NOT NULL)`, 'is %s, which does not fit its cancellation'),
    only(Prisma.sql`j.status NOT IN ('RUNNING', 'CANCELED') AND j.cancel_requested_at IS NOT NULL`, 'is %s although its cancel was decided'),
    only(Prisma.sql`j.status = 'CANCELED' AND (j.cancel_requested_at IS NULL OR j.canceled_by IS NULL)`, 'is %s, and nobody asked for it'),
    only(Prisma.sql`j.status IN ('FAILED', 'TIMED_OUT', 'DEAD_LETTER') AND j.error_message IS NULL`, 'is %s and does not say why'),
    only(Prisma.sql`NOT EXISTS (SELECT 1 FROM job_inputs i WHERE i.job_id = j.id AND i.organization_id = j.organization_id AND i.job_type = j.job_type)`, 'is %s and has lost its input'),
    only(Prisma.sql`j.status <> 'COMPLETED' AND EXISTS (SELECT 1 FROM artifacts a WHERE a.job_id = j.id)`, 'is %s and has artifacts'),
    only(Prisma.sql`j.status <> 'COMPLETED' AND EXISTS (SELECT 1 FROM job_results r WHERE r.job_id = j.id)`, 'is %s and has a result'),
    only(Prisma.sql`EXISTS (SELECT 1 FROM artifacts a WHERE a.job_id = j.id AND a.attempt <> j.attempt)`, 'is %s and has artifacts of an earlier attempt'),
  ]
}

/** An unfinished job holds exactly its hash; CANCELED and DEAD_LETTER none; COMPLETED for a while. */
function hashChecks(jobs: Prisma.Sql, claims: Prisma.Sql): Prisma.Sql[] {
  const own = Prisma.sql`c.organization_id = j.organization_id AND c.job_type = j.job_type AND c.hash = j.dedupe_hash`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s and does not hold its hash', j.status) AS problem FROM ${jobs} j
      WHERE j.status::text IN (${unfinished}) AND j.dedupe_hash IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM dedupe_claims c WHERE ${own} AND c.job_id = j.id AND c.held_until = 'infinity')`,
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s and holds a hash', j.status) AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE j.status IN ('CANCELED', 'DEAD_LETTER')`,
    Prisma.sql`
      SELECT j.id AS job_id, 'is COMPLETED and holds its hash for ever' AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE j.status = 'COMPLETED' AND c.held_until = 'infinity'`,
    Prisma.sql`
      SELECT j.id AS job_id, 'holds a hash that is not its own' AS problem
      FROM ${jobs} j JOIN dedupe_claims c ON c.job_id = j.id WHERE (${own}) IS NOT TRUE`,
    Prisma.sql`
      SELECT c.job_id, 'holds a hash and does not exist' AS problem FROM ${claims} c
      WHERE c.held_until = 'infinity' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = c.job_id)`,
  ]
}
