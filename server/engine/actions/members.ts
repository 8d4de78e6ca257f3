import type { DbOrTx, Tx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import { EngineError } from '../domain/errors'
import type { Actor } from '../domain/types'
import { addMember, findAccount } from '../store/accounts'
import { writeAudit } from '../store/audit'
import { putInvitation, revokeInvitation } from '../store/invitations'
import { findMember, hasOtherAdmin, type MemberView } from '../store/members'
import { lockOrganization } from '../store/organizations'
import { inTransaction } from '../store/transaction'

interface Given {
  organizationId: string
  reason?: string | null
  actor: Actor
  address: string | null
}

/**
 * Makes the owner of an e-mail address a member: at once where it has an account, else by an
 * invitation that is good for 7 days and for one use. Inviting again makes a new link and ends the old one.
 *
 * @param given.tokenHash of the token that the caller puts in the link; stored only with an invitation
 * @throws EngineError NOT_FOUND, or INVALID_INPUT where it is a member already.
 */
export function inviteMember(
  db: DbOrTx,
  given: Given & { email: string; name: string | null; role: OrgRole; tokenHash: Buffer },
): Promise<{ member: MemberView; invited: boolean }> {
  const { organizationId, email, role } = given
  return inTransaction(db, async (tx) => {
    await lock(tx, organizationId)
    const account = await findAccount(tx, email)
    if (account) {
      if (!(await addMember(tx, organizationId, account.personId, role))) throw isMember(email)
      await revokeInvitation(tx, { organizationId, email })
      const member = (await findMember(tx, organizationId, account.personId))!
      await audit(tx, given, 'member.add', member, undefined, stateOf(member))
      return { member, invited: false }
    }
    const id = await putInvitation(tx, { ...given, invitedBy: given.actor })
    const member = (await findMember(tx, organizationId, id))!
    await audit(tx, given, 'member.invite', member, undefined, stateOf(member))
    return { member, invited: true }
  })
}

/**
 * Changes the role of a member, or the one that an invitation gives.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION where nobody would be left who is ADMIN.
 */
export function changeMember(db: DbOrTx, given: Given & { memberId: string; role: OrgRole }): Promise<MemberView> {
  const { organizationId, memberId, role } = given
  return inTransaction(db, async (tx) => {
    const before = await lockMember(tx, organizationId, memberId)
    if (before.role === role) return before
    await requireAdminLeft(tx, organizationId, before, role)
    if (before.status === 'MEMBER') {
      await tx.$executeRaw`
        UPDATE org_members SET role = ${role}::"OrgRole" WHERE organization_id = ${organizationId}::uuid AND person_id = ${memberId}::uuid`
    } else {
      await tx.$executeRaw`UPDATE invitations SET role = ${role}::"OrgRole" WHERE id = ${memberId}::uuid`
    }
    const after = { ...before, role }
    await audit(tx, given, 'member.update', after, stateOf(before), stateOf(after))
    return after
  })
}

/**
 * Takes a member out of the organization, or an invitation back. It is shut out from this commit on; its
 * waiting jobs end at their claim (SPEC 4.10).
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION where nobody would be left who is ADMIN.
 */
export function removeMember(db: DbOrTx, given: Given & { memberId: string }): Promise<void> {
  const { organizationId, memberId } = given
  return inTransaction(db, async (tx) => {
    const before = await lockMember(tx, organizationId, memberId)
    await requireAdminLeft(tx, organizationId, before, null)
    if (before.status === 'MEMBER') {
      await tx.$executeRaw`DELETE FROM org_members WHERE organization_id = ${organizationId}::uuid AND person_id = ${memberId}::uuid`
    } else await revokeInvitation(tx, { id: memberId })
    await audit(tx, given, before.status === 'MEMBER' ? 'member.remove' : 'member.uninvite', before, stateOf(before), undefined)
  })
}

/** All changes of an organization's members go one after another, so that two admins cannot remove each other. */
async function lock(tx: Tx, organizationId: string): Promise<void> {
  const organization = await lockOrganization(tx, organizationId)
  if (organization && organization.status !== 'DELETED') return
  throw new EngineError('NOT_FOUND', `There is no organization ${organizationId} that you may see.`)
}

async function lockMember(tx: Tx, organizationId: string, memberId: string): Promise<MemberView> {
  await lock(tx, organizationId)
  const found = await findMember(tx, organizationId, memberId)
  if (found) return found
  throw new EngineError('NOT_FOUND', `The organization has no member and no open invitation ${memberId}.`)
}

async function requireAdminLeft(tx: Tx, organizationId: string, before: MemberView, to: OrgRole | null): Promise<void> {
  if (before.status !== 'MEMBER' || before.role !== 'ADMIN' || to === 'ADMIN') return
  if (await hasOtherAdmin(tx, organizationId, before.id)) return
  throw new EngineError('ILLEGAL_TRANSITION', `${before.name ?? 'This'} is the last ADMIN of the organization. Make another member ADMIN first.`, {
    from: 'ADMIN',
    to: to ?? 'removed',
  })
}

const isMember = (email: string) =>
  new EngineError('INVALID_INPUT', `${email} is a member already. Change its role instead.`, { fields: [{ path: 'email', message: 'is a member already' }] })

const stateOf = ({ status, email, name, role, expiresAt }: MemberView) => ({
  email,
  name,
  role,
  ...(status === 'MEMBER' ? {} : { expiresAt: expiresAt?.toISOString() ?? null }),
})

const audit = (
  tx: Tx,
  { organizationId, actor, address, reason }: Given,
  action: string,
  { id, status }: MemberView,
  before: ReturnType<typeof stateOf> | undefined,
  after: ReturnType<typeof stateOf> | undefined,
) => writeAudit(tx, { organizationId, actor, address, reason, action, targetType: status === 'MEMBER' ? 'member' : 'invitation', targetId: id, before, after })
