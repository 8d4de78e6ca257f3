import type { DbOrTx } from '@/server/db'
import { systemActor, type Actor } from '../../domain/types'
import { findAccount } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

// Passwords and sessions. A session holds the epoch that its user had when it began, and counts only while the user's
// epoch is still the same. Raising the epoch therefore ends all sessions of the user.

interface AccountChange {
  /** The user who asks. */
  actor: Actor
  /** The IP address from which the call came, for the audit. */
  address: string | null
}

/**
 * Sets a new password and ends all sessions of the user, provided that the present password hash is still `from`, which
 * the caller has checked. Returns the epoch for sessions that begin now, or null when somebody else has changed the
 * password in the meantime.
 */
export function changePassword(
  db: DbOrTx,
  { actor, address, from, to }: AccountChange & { from: string; to: string },
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

/**
 * Sets a new password without asking for the present one, and ends all sessions of the account. It is for those who
 * administer the installation itself, when somebody has forgotten their password. Changes nothing where no account has
 * this email address, or where the account is disabled.
 */
export function resetPassword(
  db: DbOrTx,
  { email, passwordHash }: { email: string; passwordHash: string },
): Promise<'reset' | 'disabled' | 'unknown'> {
  return inTransaction(db, async (tx) => {
    const account = await findAccount(tx, email)
    if (!account) return 'unknown'
    if (account.disabled) return 'disabled'
    await tx.$executeRaw`
      UPDATE users SET password_hash = ${passwordHash}, session_epoch = session_epoch + 1 WHERE id = ${account.userId}::uuid`
    await writeAudit(tx, {
      organizationId: null,
      actor: systemActor('command line'),
      address: null,
      action: 'user.resetPassword',
      targetType: 'user',
      targetId: account.userId,
      after: { email, name: account.name },
    })
    return 'reset'
  })
}

/** Ends all sessions of the user, also the one that asks for it. */
export function endSessions(db: DbOrTx, { actor, address }: AccountChange): Promise<void> {
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

/** Ends one session. From now on its cookie is useless, whoever has a copy. */
export async function endSession(db: DbOrTx, sessionId: string): Promise<void> {
  await db.$executeRaw`INSERT INTO ended_sessions (id) VALUES (${sessionId}::uuid) ON CONFLICT DO NOTHING`
}
