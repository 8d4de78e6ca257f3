import type { DbOrTx } from '@/server/db'
import { EngineError } from '../domain/errors'
import { addMember, createAccount, findAccount, type Account } from '../store/accounts'
import { writeAudit } from '../store/audit'
import { closeInvitation, lockInvitation, type OpenInvitation } from '../store/invitations'
import { inTransaction } from '../store/transaction'

/** Who accepts: somebody new with a password, or the signed-in owner of the invited address. */
export type Acceptance = { name: string; passwordHash: string } | { userId: string }

/**
 * Accepts an invitation: makes the account where the address has none, and the membership. The token
 * alone never opens an account that exists: its owner must be signed in.
 *
 * @throws EngineError NOT_FOUND where the link is no longer good, NOT_PERMITTED where the address has an
 * account that is not the caller's.
 */
export function acceptInvitation(
  db: DbOrTx,
  given: { tokenHash: Buffer; by: Acceptance; address: string | null },
): Promise<Account & { organizationId: string }> {
  return inTransaction(db, async (tx) => {
    const invitation = await lockInvitation(tx, given.tokenHash)
    if (!invitation) throw noInvitation()
    const existing = await findAccount(tx, invitation.email)
    if (existing && !('userId' in given.by && given.by.userId === existing.userId)) throw signInFirst(invitation.email)
    const account = existing ?? ('userId' in given.by ? null : await createAccount(tx, { ...given.by, email: invitation.email }))
    if (!account) throw signInFirst(invitation.email)
    await join(tx, invitation, account, given.address)
    const { userId, name, epoch, disabled } = account
    return { userId, name, epoch, disabled, organizationId: invitation.organizationId }
  })
}

/** What accepting writes, also where a sign-in at the OIDC provider is what accepts. */
export async function join(tx: DbOrTx, invitation: OpenInvitation, account: Account & { personId: string }, address: string | null): Promise<void> {
  await addMember(tx, invitation.organizationId, account.personId, invitation.role)
  await closeInvitation(tx, invitation.id)
  await writeAudit(tx, {
    organizationId: invitation.organizationId,
    actor: { type: 'user', id: account.userId, name: account.name },
    address,
    action: 'member.accept',
    targetType: 'member',
    targetId: account.personId,
    after: { email: invitation.email, name: account.name, role: invitation.role },
  })
}

/** One answer for all that a link can be besides good: nobody learns more than that it is not. */
export const noInvitation = () =>
  new EngineError('NOT_FOUND', 'This invitation was used, withdrawn or has expired. Ask an admin of the organization for a new link.')

const signInFirst = (email: string) => new EngineError('NOT_PERMITTED', `${email} has an account. Sign in with it, then open the link again.`)
