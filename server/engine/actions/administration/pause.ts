import type { DbOrTx, Tx } from '@/server/db'
import type { AuditAction } from '../../domain/audit/actions'
import { EngineError, notVisible } from '../../domain/errors'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import {
  pauseKey,
  toPauseView,
  type PauseRow,
  type PauseTarget,
  type PauseView,
} from '../../store/administration/pauses'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'

// Pauses and resumes the platform, job types and organizations.

interface PauseChange {
  scope: PauseTarget
  reason?: string | null
  actor: Actor
  address: string | null
}

/**
 * Pauses the platform, a job type or an organization. None of its jobs starts until `resume`, also after restarts.
 * Running jobs go on. QUEUED jobs go back to PENDING when they are claimed.
 *
 * A pause that is in force keeps its time and the actor who set it. A new reason replaces its reason.
 *
 * @throws EngineError NOT_FOUND for a job type or organization that does not exist
 */
export async function pause(db: DbOrTx, { scope, reason, actor, address }: PauseChange): Promise<PauseView> {
  return inTransaction(db, async (tx) => {
    await requireTarget(tx, scope)
    const key = pauseKey(scope)
    const [made] = await tx.$queryRaw<PauseRow[]>`
      INSERT INTO pauses (scope, target, reason, paused_by, paused_at)
      VALUES (${key.scope}::"PauseScope", ${key.target}, ${reason ?? null}, ${JSON.stringify(actor)}::jsonb, clock_timestamp())
      ON CONFLICT (scope, target) DO NOTHING RETURNING *`
    if (made) {
      await writeAudit(tx, { ...audited('control.pause', scope), reason, actor, address, after: { paused: true } })
      return toPauseView(made)
    }
    const [held] = await tx.$queryRaw<PauseRow[]>`
      SELECT * FROM pauses WHERE scope = ${key.scope}::"PauseScope" AND target = ${key.target} FOR UPDATE`
    // It was resumed between the two statements, so this call pauses it anew.
    if (!held) return pause(tx, { scope, reason, actor, address })
    if (!reason || reason === held.reason) return toPauseView(held)
    await tx.$executeRaw`UPDATE pauses SET reason = ${reason} WHERE scope = ${key.scope}::"PauseScope" AND target = ${key.target}`
    await writeAudit(tx, {
      ...audited('control.pause', scope),
      reason,
      actor,
      address,
      before: { paused: true, reason: held.reason },
      after: { paused: true, reason },
    })
    return toPauseView({ ...held, reason })
  })
}

/**
 * Ends a pause and wakes the dispatchers. False where nothing was paused: then nothing changes and no audit is written.
 *
 * @throws EngineError NOT_FOUND for a job type or organization that does not exist
 */
export async function resume(db: DbOrTx, { scope, reason, actor, address }: PauseChange): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await requireTarget(tx, scope)
    const key = pauseKey(scope)
    const [held] = await tx.$queryRaw<PauseRow[]>`
      DELETE FROM pauses WHERE scope = ${key.scope}::"PauseScope" AND target = ${key.target} RETURNING *`
    if (!held) return false
    const { pausedBy, pausedAt } = toPauseView(held)
    await writeAudit(tx, {
      ...audited('control.resume', scope),
      reason,
      actor,
      address,
      before: { paused: true, reason: held.reason, pausedBy: { ...pausedBy }, pausedAt: pausedAt.toISOString() },
      after: { paused: false },
    })
    await announce(tx, { dispatch: true })
    return true
  })
}

/**
 * Refuses a target that does not exist. The row of the target is not locked. A job type is never removed. An
 * organization may be deleted before the pause commits, and a pause of a deleted organization does no harm.
 */
async function requireTarget(tx: Tx, target: PauseTarget): Promise<void> {
  if (target.kind === 'jobType') {
    const found = await tx.$queryRaw<unknown[]>`SELECT 1 AS found FROM job_types WHERE name = ${target.name}`
    if (found.length === 0)
      throw new EngineError('NOT_FOUND', `There is no job type ${target.name}. jobTypes.list names those that exist.`)
  }
  if (target.kind === 'organization') {
    const found = await tx.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM organizations WHERE id = ${target.organizationId}::uuid AND status <> 'DELETED'`
    if (found.length === 0) throw notVisible('organization', target.organizationId)
  }
}

const audited = (action: AuditAction, target: PauseTarget) => ({
  action,
  organizationId: target.kind === 'organization' ? target.organizationId : null,
  targetType: target.kind,
  targetId: target.kind === 'platform' ? 'platform' : pauseKey(target).target,
})
