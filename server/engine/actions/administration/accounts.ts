import type { DbOrTx } from '@/server/db'
import type { Actor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

interface Given {
  /** The user itself. */
  actor: Actor
  address: string | null
}

/**
 * Sets a new password where the present one is still the one that was checked, and ends all sessions of
 * the user. Returns the epoch of those that begin now, or null when somebody else changed it meanwhile.
 */
export function changePassword(
  db: DbOrTx,
  { actor, address, from, to }: Given & { from: string; to: string },
): Promise<number | null> {
  return inTransaction(db, async (tx) => {
    const [row] = await tx.$queryRaw<{ epoch: number }[]>`
      UPDATE users SET password_hash = ${to}, session_epoch = session_epoch + 1
      WHERE id = ${actor.id}::uuid AND password_hash = ${from} RETURNING session_epoch AS epoch`
    if (!row) return null
    await writeAudit(tx, {
      organizationId: null,
      actor,
      address,
      action: 'user.changePassword',
      targetType: 'user',
      targetId: actor.id ?? '',
    })
    return row.epoch
  })
}

/** Ends all sessions of the user, this one too. */
export function endSessions(db: DbOrTx, { actor, address }: Given): Promise<void> {
  return inTransaction(db, async (tx) => {
    await tx.$executeRaw`UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ${actor.id}::uuid`
    await writeAudit(tx, {
      organizationId: null,
      actor,
      address,
      action: 'user.signOutEverywhere',
      targetType: 'user',
      targetId: actor.id ?? '',
    })
  })
}

/** Ends one session: from now on its cookie is good for nothing, whoever holds a copy. */
export async function endSession(db: DbOrTx, sessionId: string): Promise<void> {
  await db.$executeRaw`INSERT INTO ended_sessions (id) VALUES (${sessionId}::uuid) ON CONFLICT DO NOTHING`
}
