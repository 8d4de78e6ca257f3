import type { DbOrTx, Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { requireName } from '../../domain/names'
import { addMember, createAccount, findAccount, type Account } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { mayGrant } from '../../store/administration/grants'
import {
  closeInvitation,
  findInvitation,
  lockInvitation,
  revokeInvitation,
  type OpenInvitation,
} from '../../store/administration/invitations'
import { lockOrganization } from '../../store/administration/organizations'
import { inTransaction } from '../../store/transaction'

// Accepting and declining invitations to an organization. `address` is the IP address from which a call comes, for the
// audit.

/**
 * The person who accepts an invitation: a new person with a password, or the signed-in owner of the invited address.
 */
export type Acceptance = { name: string; passwordHash: string } | { userId: string }

/**
 * Accepts an invitation. It makes the membership, and the account where the address has none. The token alone never
 * opens an account that exists: its owner must be signed in. The actor who gave the role must still be allowed to give
 * it at this moment.
 *
 * @throws EngineError NOT_FOUND where the link is no longer valid, NOT_PERMITTED where the address has an account that
 * is not the caller's, INVALID_INPUT for a name that is not allowed
 */
export function acceptInvitation(
  db: DbOrTx,
  given: { tokenHash: Buffer; by: Acceptance; address: string | null },
): Promise<Account & { organizationId: string }> {
  return inTransaction(db, async (tx) => {
    const invitation = await lockOpen(tx, given.tokenHash)
    if (!(await mayGrant(tx, invitation.organizationId, invitation.invitedBy))) throw voidInvitation(invitation)
    const existing = await findAccount(tx, invitation.email)
    if (existing && !('userId' in given.by && given.by.userId === existing.userId)) throw signInFirst(invitation.email)
    const account =
      existing ??
      ('userId' in given.by
        ? null
        : await createAccount(tx, { ...given.by, name: requireName(given.by.name, 'name'), email: invitation.email }))
    if (!account) throw signInFirst(invitation.email)
    await join(tx, invitation, account, given.address)
    const { userId, name, epoch, disabled } = account
    return { userId, name, epoch, disabled, organizationId: invitation.organizationId }
  })
}

/**
 * Declines an invitation for good, because the signed-in owner of the invited address does not want to join.
 *
 * @throws EngineError NOT_FOUND where the link is no longer valid, NOT_PERMITTED where it is for somebody else
 */
export function declineInvitation(
  db: DbOrTx,
  given: { tokenHash: Buffer; userId: string; address: string | null },
): Promise<{ organizationId: string }> {
  return inTransaction(db, async (tx) => {
    const { id, organizationId, email, role } = await lockOpen(tx, given.tokenHash)
    const account = await findAccount(tx, email)
    if (account?.userId !== given.userId)
      throw new EngineError(
        'NOT_PERMITTED',
        `This invitation is for ${email}. Only its owner can decline it, signed in.`,
      )
    await revokeInvitation(tx, { id })
    await writeAudit(tx, {
      organizationId,
      actor: { type: 'user', id: account.userId, name: account.name },
      address: given.address,
      action: 'member.decline',
      targetType: 'invitation',
      targetId: id,
      before: { email, role },
    })
    return { organizationId }
  })
}

/** Locks the organization and then the invitation. Everybody who changes members locks in this order. */
async function lockOpen(tx: Tx, tokenHash: Buffer): Promise<OpenInvitation> {
  const found = await findInvitation(tx, tokenHash)
  if (!found || !(await lockOrganization(tx, found.organizationId))) throw noInvitation()
  const invitation = await lockInvitation(tx, tokenHash)
  if (!invitation) throw noInvitation()
  return invitation
}

/** Writes what follows from accepting: the membership and the audit. */
async function join(
  tx: DbOrTx,
  invitation: OpenInvitation,
  account: Account & { personId: string },
  address: string | null,
): Promise<void> {
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

/**
 * The same refusal for every link that is not open, so that nobody learns why. Only an open one whose inviter may no longer
 * let anybody in is refused with that reason (`voidInvitation`).
 */
export const noInvitation = () =>
  new EngineError(
    'NOT_FOUND',
    'This invitation was used, withdrawn or has expired. Ask an admin of the organization for a new link.',
  )

const voidInvitation = ({ invitedBy, organizationName }: OpenInvitation) =>
  new EngineError(
    'NOT_FOUND',
    `This invitation is void: ${invitedBy.name} may no longer let anybody into ${organizationName}. Ask an admin of the organization for a new link.`,
  )

const signInFirst = (email: string) =>
  new EngineError('NOT_PERMITTED', `${email} has an account. Sign in with it, then open the link again.`)
