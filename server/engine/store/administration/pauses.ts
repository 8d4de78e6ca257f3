import { Prisma, type DbOrTx } from '@/server/db'
import type { Actor, Scope } from '../../domain/types'
import { pauseOver } from '../holds'
import { hasJobsOf } from '../reads/used-types'

// Reads pauses of the platform, of job types and of organizations.

/** What a person can pause. */
export type PauseTarget =
  { kind: 'platform' } | { kind: 'jobType'; name: string } | { kind: 'organization'; organizationId: string }

/** One pause that is in force. */
export interface PauseView {
  scope: PauseTarget['kind']
  /** Set where the scope is a job type. */
  jobType: string | null
  /** Set where the scope is an organization. */
  organizationId: string | null
  reason: string | null
  pausedBy: Actor
  pausedAt: Date
}

/** A row of the table `pauses`. */
export interface PauseRow {
  scope: 'PLATFORM' | 'JOB_TYPE' | 'ORGANIZATION'
  /** The name of the job type or the id of the organization. Empty for the platform. */
  target: string
  reason: string | null
  paused_by: Actor
  paused_at: Date
}

/** A target as the columns of the table `pauses`. */
export function pauseKey(target: PauseTarget): { scope: PauseRow['scope']; target: string } {
  if (target.kind === 'platform') return { scope: 'PLATFORM', target: '' }
  if (target.kind === 'jobType') return { scope: 'JOB_TYPE', target: target.name }
  return { scope: 'ORGANIZATION', target: target.organizationId }
}

/** A pause of a list, with the act behind it. */
export interface ListedPause extends PauseView {
  /** The entry of the audit about the act. Null where there is none. */
  auditId: string | null
  /** False for a pause of a job type of which the scope has no job. */
  used: boolean
}

/**
 * The pauses that concern a scope, longest first: those of the platform and of job types, which hold everybody's jobs,
 * and those of the scope's organizations.
 */
export async function listPauses(db: DbOrTx, scope: Scope): Promise<ListedPause[]> {
  const visible =
    'all' in scope
      ? Prisma.sql`TRUE`
      : Prisma.sql`(scope <> 'ORGANIZATION' OR target = ANY(${[...scope.organizationIds]}::text[]))`
  const rows = await db.$queryRaw<(PauseRow & Pick<ListedPause, 'auditId' | 'used'>)[]>`
    SELECT scope, target, p.reason, paused_by, paused_at, e.id AS "auditId",
      scope <> 'JOB_TYPE' OR ${hasJobsOf(Prisma.sql`p.target`, scope)} AS used
    FROM pauses p LEFT JOIN LATERAL (
      SELECT e.id FROM audit_events e
      WHERE e.target_id = CASE WHEN p.scope = 'PLATFORM' THEN 'platform' ELSE p.target END AND e.action = 'control.pause' AND e.at >= p.paused_at
      ORDER BY e.id LIMIT 1) e ON TRUE
    WHERE ${visible} ORDER BY paused_at, scope, target`
  return rows.map(({ auditId, used, ...row }) => ({ ...toPauseView(row), auditId, used }))
}

/** The jobs of one organization and job type. */
interface Kind {
  organizationId: string
  jobType: string
}

/**
 * For each of these kinds, in their order, the pauses that hold its jobs. The widest comes first: the values of the
 * enum PauseScope are in this order.
 */
export async function pausesOverEach(db: DbOrTx, kinds: readonly Kind[]): Promise<PauseView[][]> {
  const of = { organizationId: Prisma.sql`k.organization_id`, jobType: Prisma.sql`k.job_type` }
  const rows = await db.$queryRaw<(PauseRow & { place: number })[]>`
    SELECT (k.place - 1)::int AS place, p.scope, p.target, p.reason, p.paused_by, p.paused_at
    FROM pauses p JOIN unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[])
      WITH ORDINALITY AS k(organization_id, job_type, place) ON ${pauseOver(of)} ORDER BY k.place, p.scope`
  const found = kinds.map((): PauseView[] => [])
  for (const { place, ...row } of rows) found[place]!.push(toPauseView(row))
  return found
}

export function toPauseView({ scope, target, reason, paused_by, paused_at }: PauseRow): PauseView {
  return {
    scope: scope === 'PLATFORM' ? 'platform' : scope === 'JOB_TYPE' ? 'jobType' : 'organization',
    jobType: scope === 'JOB_TYPE' ? target : null,
    organizationId: scope === 'ORGANIZATION' ? target : null,
    reason,
    pausedBy: paused_by,
    pausedAt: paused_at,
  }
}
