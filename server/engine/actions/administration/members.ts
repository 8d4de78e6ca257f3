import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { AuditAction } from '../../domain/audit/actions'
import { EngineError, notVisible } from '../../domain/errors'
import { requireName } from '../../domain/names'
import { rolesAbove } from '../../domain/org-roles'
import type { Actor, Json } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { requireAdmin, requireGrant } from '../../store/administration/grants'
import { putInvitation, revokeInvitation } from '../../store/administration/invitations'
import { findMember, hasOtherAdmin, isMember, type MemberView } from '../../store/administration/members'
import { lockOrganization } from '../../store/administration/organizations'
import { inTransaction } from '../../store/transaction'
import { forgetSavedViews } from './saved-views'
import { settleKeys, withdrawInvitations, type KeyDecision } from './leavers'

// Invites, changes and removes members of an organization.

interface MemberChange {
  organizationId: string
  reason?: string | null
  actor: Actor
  address: string | null
}

/**
 * Invites the owner of an email address, with or without an account. Nobody becomes a member without accepting. The
 * link is valid for 7 days and can be used once. Inviting again makes a new link and ends the old one.
 *
 * @param given.tokenHash the hash of the token that the caller puts into the link
 * @throws EngineError NOT_FOUND; NOT_PERMITTED where the actor may not give roles now; INVALID_INPUT where the person
 * is a member already, or for a name that is not allowed
 */
export function inviteMember(
  db: DbOrTx,
  given: MemberChange & { email: string; name: string | null; role: OrgRole; tokenHash: Buffer },
): Promise<MemberView> {
  const { organizationId, email, actor } = given
  const name = given.name === null ? null : requireName(given.name, 'name')
  return inTransaction(db, async (tx) => {
    await lock(tx, organizationId)
    await requireGrant(tx, organizationId, actor)
    if (await isMember(tx, organizationId, email)) throw alreadyMember(email)
    const id = await putInvitation(tx, { ...given, name, invitedBy: actor })
    const member = (await findMember(tx, organizationId, id))!
    await audit(tx, given, 'member.invite', member, undefined, stateOf(member))
    return member
  })
}

/**
 * Changes the role of a member, or the role that an invitation gives. A key of an organization may lower a role but not
 * raise it. When a role is lowered, the call must say what becomes of the keys with a higher role that the member made
 * (`settleKeys`). Invitations that the member may no longer give are taken back.
 *
 * @throws EngineError NOT_FOUND; NOT_PERMITTED where the actor may not do it now; KEYS_UNDECIDED; ILLEGAL_TRANSITION
 * where no ADMIN would be left
 */
export function changeMember(
  db: DbOrTx,
  given: MemberChange & KeyDecision & { memberId: string; role: OrgRole },
): Promise<MemberView> {
  const { organizationId, memberId, role, actor } = given
  return inTransaction(db, async (tx) => {
    const before = await lockMember(tx, organizationId, memberId)
    const raised = rolesAbove(before.role).includes(role)
    await (raised ? requireGrant(tx, organizationId, actor) : requireAdmin(tx, organizationId, actor))
    if (before.role === role) return before
    await requireAdminLeft(tx, organizationId, before, role)
    let keys: Json | undefined
    if (before.status === 'MEMBER') {
      await tx.$executeRaw`
        UPDATE org_members SET role = ${role}::"OrgRole" WHERE organization_id = ${organizationId}::uuid AND person_id = ${memberId}::uuid`
      if (!raised) {
        keys = await settleKeys(tx, given, before, role)
        await withdrawInvitations(tx, given, before)
      }
    } else {
      // The actor who raises the role of an invitation becomes responsible for it.
      const by = raised ? Prisma.sql`, invited_by = ${JSON.stringify(actor)}::jsonb` : Prisma.empty
      await tx.$executeRaw`UPDATE invitations SET role = ${role}::"OrgRole"${by} WHERE id = ${memberId}::uuid`
    }
    const after = { ...before, role, ...(before.status !== 'MEMBER' && raised && { invitedBy: actor }) }
    await audit(tx, given, 'member.update', after, stateOf(before), {
      ...stateOf(after),
      ...(keys !== undefined && { keys }),
    })
    return after
  })
}

/**
 * Removes a member from the organization, or takes an invitation back. The person has no access from this commit on,
 * and their waiting jobs end when they are claimed (rule 4.10). The call must say what becomes of the working keys that
 * they made there (`settleKeys`). Their open invitations are taken back.
 *
 * @throws EngineError NOT_FOUND; NOT_PERMITTED where the actor may not do it now; KEYS_UNDECIDED; ILLEGAL_TRANSITION
 * where no ADMIN would be left
 */
export function removeMember(db: DbOrTx, given: MemberChange & KeyDecision & { memberId: string }): Promise<void> {
  const { organizationId, memberId, actor } = given
  return inTransaction(db, async (tx) => {
    const before = await lockMember(tx, organizationId, memberId)
    await requireAdmin(tx, organizationId, actor)
    await requireAdminLeft(tx, organizationId, before, null)
    if (before.status !== 'MEMBER') {
      await revokeInvitation(tx, { id: memberId })
      await audit(tx, given, 'member.uninvite', before, stateOf(before), undefined)
      return
    }
    await tx.$executeRaw`DELETE FROM org_members WHERE organization_id = ${organizationId}::uuid AND person_id = ${memberId}::uuid`
    await forgetSavedViews(tx, { organizationId, userId: before.userId })
    const keys = await settleKeys(tx, given, before, null)
    await withdrawInvitations(tx, given, before)
    await audit(tx, given, 'member.remove', before, stateOf(before), keys === undefined ? undefined : { keys })
  })
}

/** Changes of an organization's members happen one after another, so that two admins cannot remove each other. */
async function lock(tx: Tx, organizationId: string): Promise<void> {
  const organization = await lockOrganization(tx, organizationId)
  if (organization && organization.status !== 'DELETED') return
  throw notVisible('organization', organizationId)
}

async function lockMember(tx: Tx, organizationId: string, memberId: string): Promise<MemberView> {
  await lock(tx, organizationId)
  const found = await findMember(tx, organizationId, memberId)
  if (found) return found
  throw new EngineError(
    'NOT_FOUND',
    `The organization has no member and no open invitation ${memberId}. members.list names those that it has.`,
  )
}

async function requireAdminLeft(tx: Tx, organizationId: string, before: MemberView, to: OrgRole | null): Promise<void> {
  if (before.status !== 'MEMBER' || before.role !== 'ADMIN' || to === 'ADMIN') return
  if (await hasOtherAdmin(tx, organizationId, before.id)) return
  throw new EngineError(
    'ILLEGAL_TRANSITION',
    `${before.name ?? 'This'} is the last ADMIN of the organization. Make another member ADMIN first.`,
    {
      from: 'ADMIN',
      to: to ?? 'removed',
    },
  )
}

const alreadyMember = (email: string) =>
  new EngineError('INVALID_INPUT', `${email} is a member already. Change its role instead.`, {
    fields: [{ path: 'email', message: 'is a member already' }],
  })

const stateOf = ({ status, email, name, role, expiresAt }: MemberView) => ({
  email,
  name,
  role,
  ...(status === 'MEMBER' ? {} : { expiresAt: expiresAt?.toISOString() ?? null }),
})

const audit = (
  tx: Tx,
  { organizationId, actor, address, reason }: MemberChange,
  action: AuditAction,
  { id, status }: MemberView,
  before: { [field: string]: Json } | undefined,
  after: { [field: string]: Json } | undefined,
) =>
  writeAudit(tx, {
    organizationId,
    actor,
    address,
    reason,
    action,
    targetType: status === 'MEMBER' ? 'member' : 'invitation',
    targetId: id,
    before,
    after,
  })
