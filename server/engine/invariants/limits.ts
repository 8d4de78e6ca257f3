import { Prisma } from '@/server/db'
import { UNFINISHED_STATUSES } from '../domain/state'
import { unfinished, type Scope } from './scope'

const { sql, raw } = Prisma
const inFlight = sql`j.status IN ('QUEUED', 'RUNNING')`

// Statements that find what must never be true of limits, the counts of jobs, and circuits. Each returns one row for
// each violation, so no rows means that all is well. `checkInvariants` runs them in tests and fault campaigns.

/**
 * Checks concurrency limits, the counts of jobs of each organization, and circuits. A concurrency limit that was just
 * lowered is reported until enough running jobs have ended.
 */
export function limitChecks(scope: Scope): Prisma.Sql[] {
  return [...concurrencyChecks(scope), ...countChecks(scope), ...circuitChecks(scope)]
}

function concurrencyChecks({ jobs, organizations }: Scope): Prisma.Sql[] {
  return [
    sql`
      SELECT NULL::uuid AS job_id, format('organization %s has %s jobs in flight where %s may be', o.id, count(*), o.max_concurrent) AS problem
      FROM ${organizations} o JOIN jobs j ON j.organization_id = o.id AND ${inFlight}
      GROUP BY o.id, o.max_concurrent HAVING count(*) > o.max_concurrent`,
    // A global limit counts the jobs of all organizations. With one organization in the scope, only types of which it
    // has jobs in flight are checked.
    sql`
      SELECT NULL::uuid AS job_id, format('%s has %s jobs in flight where %s may be', t.name, count(*), t.concurrency_global) AS problem
      FROM job_types t JOIN jobs j ON j.job_type = t.name AND ${inFlight}
      WHERE t.name IN (SELECT j.job_type FROM ${jobs} j WHERE ${inFlight})
      GROUP BY t.name, t.concurrency_global HAVING count(*) > t.concurrency_global`,
    sql`
      SELECT NULL::uuid AS job_id,
        format('%s has %s jobs in flight in organization %s where %s may be', t.name, count(*), j.organization_id, t.concurrency_per_organization) AS problem
      FROM job_types t JOIN ${jobs} j ON j.job_type = t.name AND ${inFlight}
      GROUP BY t.name, j.organization_id, t.concurrency_per_organization HAVING count(*) > t.concurrency_per_organization`,
  ]
}

/**
 * The quota and the overview read a count of jobs. It is the total in organization_usage plus the changes in
 * usage_deltas that were not yet added to it. The sum must be the true number of jobs. `column` is in
 * organization_usage, `delta` is the same count in usage_deltas.
 *
 * Which statuses each column counts is also said where it is written (ENDED_COLUMN in store/transition.ts, and
 * actions/jobs/delete.ts). It is not taken from there: a mistake there would then be made here as well, and this check
 * would find nothing.
 */
const COUNTED = [
  { column: 'unfinished', delta: 'delta', statuses: UNFINISHED_STATUSES },
  { column: 'completed', delta: 'completed', statuses: ['COMPLETED'] },
  { column: 'canceled', delta: 'canceled', statuses: ['CANCELED'] },
  { column: 'dead', delta: 'dead', statuses: ['DEAD_LETTER'] },
] as const

function countChecks({ organizations }: Scope): Prisma.Sql[] {
  return COUNTED.map(
    ({ column, delta, statuses }) => sql`
    SELECT NULL::uuid AS job_id, format(${`organization %s counts %s ${column} jobs and has %s`}, id, counted, existing) AS problem
    FROM (SELECT o.id,
        COALESCE((SELECT u.${raw(column)} FROM organization_usage u WHERE u.organization_id = o.id), 0)
          + COALESCE((SELECT sum(d.${raw(delta)}) FROM usage_deltas d WHERE d.organization_id = o.id), 0) AS counted,
        (SELECT count(*) FROM jobs j WHERE j.organization_id = o.id AND j.status = ANY(${[...statuses]}::"JobStatus"[])) AS existing
      FROM ${organizations} o) s
    WHERE counted <> existing`,
  )
}

function circuitChecks({ circuits }: Scope): Prisma.Sql[] {
  const circuitsWhere = (condition: Prisma.Sql, problem: string) => sql`
    SELECT NULL::uuid AS job_id, format(${`the circuit of %s in organization %s ${problem}`}, c.job_type, c.organization_id, c.state, c.failures, c.outcomes) AS problem
    FROM ${circuits} c WHERE ${condition}`
  return [
    circuitsWhere(
      sql`(c.trial_job_id IS NULL) <> (c.trial_attempt IS NULL) OR (c.trial_job_id IS NOT NULL AND c.state <> 'HALF_OPEN')`,
      'is %s, but only a HALF_OPEN circuit may have a trial job, and it needs both the job and its attempt',
    ),
    circuitsWhere(
      sql`(c.state = 'CLOSED') <> (c.closed_at IS NOT NULL)`,
      'is %s, which does not fit when it was closed',
    ),
    circuitsWhere(sql`c.failures < 0 OR c.failures > c.outcomes`, 'is %s with %s failures of %s outcomes'),
    circuitsWhere(
      sql`c.trial_job_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM jobs j WHERE j.id = c.trial_job_id AND j.job_type = c.job_type AND j.organization_id = c.organization_id)`,
      'is %s and tries a job that is not of its kind',
    ),
  ]
}

/** These hold only after the leader's duties have run. Ask them when nothing changes any more. */
export function limitChecksAtRest({ jobs }: Scope): Prisma.Sql[] {
  return [
    sql`
      SELECT j.id AS job_id, format('is %s, and its organization is deleted', j.status) AS problem
      FROM ${jobs} j JOIN organizations o ON o.id = j.organization_id
      WHERE o.status = 'DELETED' AND j.status::text IN (${unfinished})`,
  ]
}
