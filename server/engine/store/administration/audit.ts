import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import type { AuditAction } from '../../domain/audit/actions'
import type { Actor, Json } from '../../domain/types'
import { actorColumns } from '../transition'

/** One administrative act (rule 2, AuditEvent). */
export interface AuditEvent {
  /** Null where the act is about the platform or a job type. */
  organizationId: string | null
  actor: Actor
  /** The address that the request came from. Null where it is not known. */
  address: string | null
  /** What was done, as `<noun>.<verb>`. Each has its sentence in domain/audit/actions.ts. */
  action: AuditAction
  targetType: string
  targetId: string
  reason?: string | null
  /** Before and after the act: only the fields that it changed. */
  before?: Json
  after?: Json
}

/**
 * Writes down who did what. The caller does this in the transaction of the act itself, so that neither exists without
 * the other. A trigger makes the table append-only. Returns the id of the entry.
 */
export async function writeAudit(db: DbOrTx, event: AuditEvent): Promise<string> {
  const id = uuidv7()
  await db.$executeRaw`
    INSERT INTO audit_events (id, organization_id, actor_type, actor_id, actor_name, address, action, target_type, target_id, reason, before, after, at)
    VALUES (${id}::uuid, ${event.organizationId}::uuid, ${actorColumns(event.actor)},
      ${event.address}, ${event.action}, ${event.targetType}, ${event.targetId}, ${event.reason ?? null},
      ${asJson(event.before)}::json, ${asJson(event.after)}::json, clock_timestamp())`
  return id
}

const asJson = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value)
