import { Prisma, type DbOrTx } from '@/server/db'
import type { Actor, Json, Scope } from '../../domain/types'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { toActor, type ActorColumns } from './actor'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'
import { UUID } from '../../domain/uuid'

/** One administrative act as it was written down (`store/administration/audit.ts`). */
export interface AuditEventView {
  id: string
  /** Null where the act is about the platform or a job type. */
  organizationId: string | null
  actor: Actor
  address: string | null
  action: string
  targetType: string
  targetId: string
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

type Row = Omit<AuditEventView, 'actor'> & ActorColumns

/** The audit log of a scope, newest first, page by page. */
export async function listAudit(
  db: DbOrTx,
  { filter, cursor, limit }: { filter: AuditFilter; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<AuditEventView>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT e.id, e.organization_id AS "organizationId", e.actor_type AS "actorType", e.actor_id AS "actorId", e.actor_name AS "actorName",
      e.address, e.action, e.target_type AS "targetType", e.target_id AS "targetId", e.reason, e.before, e.after, e.at
    FROM audit_events e WHERE ${Prisma.join([inScope(Prisma.sql`e.organization_id`, scope), ...conditions(filter, cursor)], ' AND ')}
    ORDER BY e.id DESC LIMIT ${limit + 1}`
  return pageOf(rows, limit, ({ id }) => id, toView)
}

function conditions(
  { organizationId, actorId, action, targetType, targetId, after, before }: AuditFilter,
  cursor: string | undefined,
): Prisma.Sql[] {
  const found: Prisma.Sql[] = []
  const last = decodeCursor(cursor, UUID)
  if (last) found.push(Prisma.sql`e.id < ${last}::uuid`)
  if (organizationId === null) found.push(Prisma.sql`e.organization_id IS NULL`)
  if (organizationId) found.push(Prisma.sql`e.organization_id = ${organizationId}::uuid`)
  if (actorId) found.push(Prisma.sql`e.actor_id = ${actorId}::uuid`)
  if (action) found.push(Prisma.sql`e.action = ${action}`)
  if (targetType) found.push(Prisma.sql`e.target_type = ${targetType}`)
  if (targetId) found.push(Prisma.sql`e.target_id = ${targetId}`)
  // The id begins with the time, so a bound on it ends the search early. The condition on `at` then decides exactly.
  if (after) found.push(Prisma.sql`e.id >= ${idAt(after.getTime() - CLOCK_SKEW_MS)}::uuid AND e.at >= ${after}`)
  if (before) found.push(Prisma.sql`e.id < ${idAt(before.getTime() + CLOCK_SKEW_MS)}::uuid AND e.at < ${before}`)
  return found
}

const toView = ({ actorType, actorId, actorName, ...row }: Row): AuditEventView => ({
  ...row,
  actor: toActor({ actorType, actorId, actorName }),
})
