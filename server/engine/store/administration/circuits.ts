import { Prisma, type DbOrTx } from '@/server/db'
import type { CircuitState } from '@/server/generated/prisma/enums'
import { JOB_TYPE_FORM } from '../../domain/name-forms'
import type { Actor, Scope } from '../../domain/types'
import { COOL_DOWN_MINUTES } from '../circuit-breaker'
import { circuitOver } from '../holds'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'
import { recentOutcomes, type CircuitCause, type CircuitOutcome } from '../reads/circuit-outcomes'
import { inScope } from '../reads/job-view'
import { kindKey } from '../reads/usual-runs'
import { UUID_FORM } from '../../domain/uuid'

// Reads circuits. A circuit holds back the jobs of one type in one organization after most of its last attempts failed.

/** The form of a cursor of the list of circuits: a job type and an organization. */
const PLACE = new RegExp(`^${JOB_TYPE_FORM} ${UUID_FORM}$`)

/** The circuit breaker of one job type in one organization. */
export interface CircuitView {
  jobType: string
  organizationId: string
  state: CircuitState
  /** How many attempts had failed when the circuit opened, out of all that had an outcome. */
  failures: number
  outcomes: number
  openedAt: Date
  /** When one job may try again. In the past where the cool-down is over. */
  trialMayStartAt: Date
  /** The job that is the trial now. */
  trialJobId: string | null
  closedAt: Date | null
  closedBy: Actor | null
}

/** A circuit of a list, with what led to its state. */
export interface ListedCircuit extends CircuitView {
  /** The last ten outcomes of its kind, oldest first. */
  recent: CircuitOutcome[]
  /** The most frequent cause of the failures among them. Null where none of them failed. */
  cause: CircuitCause | null
  /** The entry of the audit about its present state. Null where it opened before the audit knew of circuits. */
  auditId: string | null
  /** Why it was closed. */
  closeReason: string | null
}

export interface CircuitFilter {
  organizationId?: string
  state?: CircuitState[]
}

const columns = Prisma.sql`c.job_type AS "jobType", c.organization_id AS "organizationId", c.state, c.failures, c.outcomes, c.opened_at AS "openedAt",
  c.opened_at + ${COOL_DOWN_MINUTES} * interval '1 minute' AS "trialMayStartAt", c.trial_job_id AS "trialJobId",
  c.closed_at AS "closedAt", c.closed_by AS "closedBy"`

/** The circuits of a scope that have opened at some time, by job type and organization, page by page. */
export async function listCircuits(
  db: DbOrTx,
  { filter, cursor, limit }: { filter: CircuitFilter; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<ListedCircuit>> {
  const [jobType, organizationId] = decodeCursor(cursor, PLACE)?.split(' ') ?? []
  const rows = await db.$queryRaw<(CircuitView & Pick<ListedCircuit, 'auditId' | 'closeReason'>)[]>`
    SELECT ${columns}, e.id AS "auditId", CASE WHEN c.state = 'CLOSED' THEN e.reason END AS "closeReason"
    FROM circuits c JOIN organizations o ON o.id = c.organization_id
    LEFT JOIN LATERAL (
      SELECT e.id, e.reason FROM audit_events e
      WHERE e.target_id = c.job_type AND e.organization_id = c.organization_id
        AND e.action = CASE WHEN c.state = 'CLOSED' THEN 'circuit.close' ELSE 'circuit.open' END
        -- Entries from before the last close (counts_from) are about earlier openings. opened_at would leave out the
        -- entry itself: it moves on whenever a trial fails, and that writes no entry.
        AND e.at >= CASE WHEN c.state = 'CLOSED' THEN c.closed_at ELSE c.counts_from END
      ORDER BY e.id DESC LIMIT 1) e ON TRUE
    WHERE ${inScope(Prisma.sql`c.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})
      AND ${filter.organizationId ? Prisma.sql`c.organization_id = ${filter.organizationId}::uuid` : Prisma.sql`TRUE`}
      AND ${filter.state?.length ? Prisma.sql`c.state = ANY(${filter.state}::"CircuitState"[])` : Prisma.sql`TRUE`}
      AND ${jobType ? Prisma.sql`(c.job_type, c.organization_id) > (${jobType}, ${organizationId}::uuid)` : Prisma.sql`TRUE`}
    ORDER BY c.job_type, c.organization_id LIMIT ${limit + 1}`
  const outcomes = await recentOutcomes(db, rows.slice(0, limit))
  return pageOf(
    rows,
    limit,
    (row) => `${row.jobType} ${row.organizationId}`,
    (row) => ({ ...row, ...(outcomes.get(kindKey(row)) ?? { recent: [], cause: null }) }),
  )
}

/** One circuit, or null where it has never opened. With `lock` it is locked against trials, sweeps and people. */
export async function getCircuit(
  db: DbOrTx,
  { jobType, organizationId }: Pick<CircuitView, 'jobType' | 'organizationId'>,
  { lock = false }: { lock?: boolean } = {},
): Promise<CircuitView | null> {
  const [row] = await db.$queryRaw<CircuitView[]>`
    SELECT ${columns} FROM circuits c WHERE c.job_type = ${jobType} AND c.organization_id = ${organizationId}::uuid
    ${lock ? Prisma.sql`FOR NO KEY UPDATE` : Prisma.empty}`
  return row ?? null
}

/** The circuits of these kinds of jobs that are not closed. */
export function openCircuits(
  db: DbOrTx,
  kinds: readonly Pick<CircuitView, 'jobType' | 'organizationId'>[],
): Promise<CircuitView[]> {
  const of = { organizationId: Prisma.sql`k.organization_id`, jobType: Prisma.sql`k.job_type` }
  return db.$queryRaw`SELECT ${columns} FROM circuits c
    JOIN unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[])
      AS k(organization_id, job_type) ON ${circuitOver(of)}`
}
