import { Prisma } from '@/server/db'
import { UNFINISHED_STATUSES } from '../domain/state'
import { unfinished, type Scope } from './scope'

const { sql, raw } = Prisma
const inFlight = sql`j.status IN ('QUEUED', 'RUNNING')`

/** Concurrency limits as they are now (one that was lowered meanwhile needs a moment), the quota's count, circuits. */
export function limitChecks(scope: Scope): Prisma.Sql[] {
  return [...concurrencyChecks(scope), ...countChecks(scope), ...circuitChecks(scope)]
}

function concurrencyChecks({ jobs, organizations }: Scope): Prisma.Sql[] {
  return [
    sql`
      SELECT NULL::uuid AS job_id, format('organization %s has %s jobs in flight where %s may be', o.id, count(*), o.max_concurrent) AS problem
      FROM ${organizations} o JOIN jobs j ON j.organization_id = o.id AND ${inFlight}
      GROUP BY o.id, o.max_concurrent HAVING count(*) > o.max_concurrent`,
    // Over all organizations, but only where the one that is asked about takes part.
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
 * What the quota is decided by, and what an overview shows, is the number of jobs, however far it has been added up.
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
  const only = (condition: Prisma.Sql, problem: string) => sql`
    SELECT NULL::uuid AS job_id, format(${`the circuit of %s in organization %s ${problem}`}, c.job_type, c.organization_id, c.state) AS problem
    FROM ${circuits} c WHERE ${condition}`
  return [
    only(
      sql`(c.trial_job_id IS NULL) <> (c.trial_attempt IS NULL) OR (c.trial_job_id IS NOT NULL AND c.state <> 'HALF_OPEN')`,
      'is %s, which does not fit its trial',
    ),
    only(sql`(c.state = 'CLOSED') <> (c.closed_at IS NOT NULL)`, 'is %s, which does not fit when it was closed'),
    only(sql`c.failures < 0 OR c.failures > c.outcomes`, 'is %s with more failures than outcomes'),
    only(
      sql`c.trial_job_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM jobs j WHERE j.id = c.trial_job_id AND j.job_type = c.job_type AND j.organization_id = c.organization_id)`,
      'is %s and tries a job that is not of its kind',
    ),
  ]
}

/** What sweeps bring about within seconds: to be asked only where nothing moves any more. */
export function limitChecksAtRest({ jobs }: Scope): Prisma.Sql[] {
  return [
    sql`
      SELECT j.id AS job_id, format('is %s, and its organization is deleted', j.status) AS problem
      FROM ${jobs} j JOIN organizations o ON o.id = j.organization_id
      WHERE o.status = 'DELETED' AND j.status::text IN (${unfinished})`,
  ]
}
