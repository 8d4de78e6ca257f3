import { Prisma, type DbOrTx } from '@/server/db'
import { auditSentence } from '../../domain/audit/actions'
import { targetName } from '../../domain/audit/entry'
import { notVisible } from '../../domain/errors'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { MAX_LISTED_ACTORS } from '../../domain/limits'
import type { Actor, Json, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { toActor, type ActorColumns } from './actor'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'

// Reads the audit: who did what, and when.

/** One administrative act as it was written down (`store/administration/audit.ts`). */
export interface AuditEventView {
  id: string
  /** Null where the act is about the platform or a job type. */
  organizationId: string | null
  /** The present name of that organization. */
  organizationName: string | null
  actor: Actor
  address: string | null
  action: string
  targetType: string
  targetId: string
  /** What a person calls the target. Null where it has no name. */
  targetName: string | null
  /** Says who did what, without the reason. */
  sentence: string
  reason: string | null
  before: Json
  after: Json
  at: Date
}

export interface AuditFilter {
  /** With null, only acts that belong to no organization. */
  organizationId?: string | null
  actorId?: string
  action?: string
  targetType?: string
  targetId?: string
  /** Only acts at this moment or later. */
  after?: Date
  /** Only acts before this moment. */
  before?: Date
}

type Row = Omit<AuditEventView, 'actor' | 'sentence' | 'targetName'> & ActorColumns

const columns = Prisma.sql`e.id, e.organization_id AS "organizationId", o.name AS "organizationName", e.actor_type AS "actorType",
  e.actor_id AS "actorId", e.actor_name AS "actorName", e.address, e.action, e.target_type AS "targetType", e.target_id AS "targetId",
  e.reason, e.before, e.after, e.at`

/** The audit log of a scope, newest first, page by page. */
export async function listAudit(
  db: DbOrTx,
  { filter, cursor, limit }: { filter: AuditFilter; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<AuditEventView>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT ${columns} FROM (${newest(scopeOf(filter, scope), conditions(filter, cursor), limit + 1)}) e
    LEFT JOIN organizations o ON o.id = e.organization_id
    ORDER BY e.id DESC`
  return pageOf(rows, limit, ({ id }) => id, toView)
}

/**
 * One entry of the audit.
 *
 * @param scope the organizations whose entries the caller may read. Entries that belong to none need all of them
 * @throws EngineError NOT_FOUND when it does not exist or is not in this scope. The caller is not told which
 */
export async function getAudit(db: DbOrTx, id: string, scope: Scope): Promise<AuditEventView> {
  const [row] = await db.$queryRaw<Row[]>`
    SELECT ${columns} FROM audit_events e LEFT JOIN organizations o ON o.id = e.organization_id
    WHERE e.id = ${id}::uuid AND ${inScope(Prisma.sql`e.organization_id`, scope)}`
  if (!row) throw notVisible('audit entry', id)
  return toView(row)
}

/**
 * The people and keys that have done something in the organization (null: to the platform), with the names that they
 * had the last time, by name. For callers whose right to read this audit was checked.
 *
 * It jumps from one actor to the next in the index, so that a million entries of ten people cost ten looks.
 */
export async function listAuditActors(db: DbOrTx, organizationId: string | null): Promise<Actor[]> {
  const mine = ofOrganization(organizationId)
  const rows = await db.$queryRaw<ActorColumns[]>`
    WITH RECURSIVE each AS (
      (SELECT e.actor_id FROM audit_events e WHERE ${mine} AND e.actor_id IS NOT NULL ORDER BY ${byOrganization} e.actor_id LIMIT 1)
      UNION ALL
      SELECT next.actor_id FROM each CROSS JOIN LATERAL (
        SELECT e.actor_id FROM audit_events e WHERE ${mine} AND e.actor_id > each.actor_id ORDER BY ${byOrganization} e.actor_id LIMIT 1) next
    )
    SELECT last.* FROM (SELECT actor_id FROM each LIMIT ${MAX_LISTED_ACTORS}) each CROSS JOIN LATERAL (
      SELECT e.actor_type AS "actorType", e.actor_id AS "actorId", e.actor_name AS "actorName" FROM audit_events e
      WHERE ${mine} AND e.actor_id = each.actor_id ORDER BY ${byOrganization} e.id DESC LIMIT 1) last
    ORDER BY lower(last."actorName"), last."actorId"`
  return rows.map(toActor)
}

/**
 * PostgreSQL does not see that rows without an organization lie together in an index, so that what follows is in order.
 * To sort by the organization first changes nothing in the answer and tells it so.
 */
const byOrganization = Prisma.sql`e.organization_id,`

const ofOrganization = (organizationId: string | null): Prisma.Sql =>
  organizationId === null
    ? Prisma.sql`e.organization_id IS NULL`
    : Prisma.sql`e.organization_id = ${organizationId}::uuid`

/** What of the scope the filter asks for: some organizations, everything, or (null) what belongs to no organization. */
function scopeOf({ organizationId }: AuditFilter, scope: Scope): Scope | null {
  if (organizationId === undefined) return scope
  if (organizationId === null) return 'all' in scope ? null : { organizationIds: [] }
  const may = 'all' in scope || scope.organizationIds.includes(organizationId)
  return { organizationIds: may ? [organizationId] : [] }
}

/**
 * The newest entries that match. Those of several organizations are read one organization after the other, because no
 * index has them together in the order of their ids.
 */
function newest(scope: Scope | null, conditions: Prisma.Sql[], limit: number): Prisma.Sql {
  const of = (where: Prisma.Sql, first = Prisma.empty) => Prisma.sql`
    SELECT * FROM audit_events e WHERE ${Prisma.join([where, ...conditions], ' AND ')} ORDER BY ${first} e.id DESC LIMIT ${limit}`
  if (scope === null) return of(ofOrganization(null), byOrganization)
  if ('all' in scope) return of(Prisma.sql`TRUE`)
  return Prisma.sql`
    SELECT found.* FROM unnest(${[...new Set(scope.organizationIds)]}::uuid[]) AS s(id)
    CROSS JOIN LATERAL (${of(Prisma.sql`e.organization_id = s.id`)}) found ORDER BY found.id DESC LIMIT ${limit}`
}

function conditions(
  { actorId, action, targetType, targetId, after, before }: AuditFilter,
  cursor: string | undefined,
): Prisma.Sql[] {
  const found: Prisma.Sql[] = []
  const last = decodeCursor(cursor, UUID)
  if (last) found.push(Prisma.sql`e.id < ${last}::uuid`)
  if (actorId) found.push(Prisma.sql`e.actor_id = ${actorId}::uuid`)
  if (action) found.push(Prisma.sql`e.action = ${action}`)
  if (targetType) found.push(Prisma.sql`e.target_type = ${targetType}`)
  if (targetId) found.push(Prisma.sql`e.target_id = ${targetId}`)
  // The id begins with the time, so a bound on it ends the search early. The condition on `at` then decides exactly.
  if (after) found.push(Prisma.sql`e.id >= ${idAt(after.getTime() - CLOCK_SKEW_MS)}::uuid AND e.at >= ${after}`)
  if (before) found.push(Prisma.sql`e.id < ${idAt(before.getTime() + CLOCK_SKEW_MS)}::uuid AND e.at < ${before}`)
  return found
}

function toView({ actorType, actorId, actorName, ...row }: Row): AuditEventView {
  const entry = { ...row, actor: toActor({ actorType, actorId, actorName }) }
  const facts = { ...entry, organization: entry.organizationName }
  return { ...entry, targetName: targetName(facts), sentence: auditSentence(facts) }
}
