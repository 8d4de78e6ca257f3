import type { Tx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import { EngineError } from '../../domain/errors'
import type { Actor, Json } from '../../domain/types'
import { liveKeysMadeBy, type ApiKeyView } from '../../store/administration/api-keys'
import { writeAudit } from '../../store/administration/audit'
import { mayGrant } from '../../store/administration/grants'
import { openInvitationsOf, revokeInvitation } from '../../store/administration/invitations'
import type { MemberView } from '../../store/administration/members'
import { revokeApiKey } from './api-keys'
import type { Disposal } from './revoked-keys'

// What happens to the keys and invitations of a member who leaves, or whose role is lowered.

/** What becomes of the API keys that a member made. */
export interface KeyDecision {
  /** It must be given while the member has keys that still work and count. */
  keys?: 'keep' | 'revoke'
  /**
   * What becomes of jobs that wait for a key that is revoked. They are canceled by default, or pass to the actor who
   * revokes.
   */
  waitingJobs?: Disposal
}

interface LeaverRequest extends KeyDecision {
  organizationId: string
  actor: Actor
  address: string | null
  reason?: string | null
}

/** How many entries of a long list are shown. */
const SHOWN = 100

/**
 * Makes sure that a member who leaves keeps no access that nobody has decided about. Their working keys of the
 * organization are kept or revoked, as the call says. When a role is lowered, only keys with a role above the new one
 * count, because the others allow no more than the member still may. A system admin loses no right by leaving, but the
 * question is asked all the same. The caller has locked the organization, so that no key and no invitation is made in
 * the meantime.
 *
 * @param to the new role. Null where the member is removed
 * @returns the decision for the audit. Undefined where there was nothing to decide
 * @throws EngineError KEYS_UNDECIDED with the keys
 */
export async function settleKeys(
  tx: Tx,
  { organizationId, keys: decision, waitingJobs, actor, address, reason }: LeaverRequest,
  member: MemberView,
  to: OrgRole | null,
): Promise<Json | undefined> {
  if (member.userId === null) return undefined
  const keys = await liveKeysMadeBy(tx, { organizationId, userId: member.userId, above: to })
  if (keys.length === 0) return undefined
  if (decision === undefined) throw undecided(member, keys, to)
  if (decision === 'revoke') {
    for (const { id } of keys) {
      // A key may remove the member who made it. It cannot take over its own jobs, so they are canceled.
      const disposal = actor.type === 'key' && actor.id === id ? 'cancel' : (waitingJobs ?? 'cancel')
      await revokeApiKey(tx, { organizationId, apiKeyId: id, waitingJobs: disposal, actor, address, reason })
    }
  }
  return { decision, keys: keys.map(({ id, name, role, prefix }) => ({ id, name, role, prefix })) }
}

/**
 * Takes back the open invitations of a member who may no longer invite. It is called after their role was changed, or
 * after they were removed.
 */
export async function withdrawInvitations(
  tx: Tx,
  { organizationId, actor, address, reason }: LeaverRequest,
  { userId, name }: MemberView,
): Promise<void> {
  if (userId === null) return
  const inviter: Actor = { type: 'user', id: userId, name: name ?? '' }
  // An ADMIN or a system admin may give any role. Everybody else may give none.
  if (await mayGrant(tx, organizationId, inviter)) return
  for (const { id, email, name: invited, role } of await openInvitationsOf(tx, organizationId, userId)) {
    await revokeInvitation(tx, { id })
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: 'member.uninvite',
      targetType: 'invitation',
      targetId: id,
      before: { email, name: invited, role, invitedBy: { ...inviter } },
    })
  }
}

function undecided({ name, email }: MemberView, keys: readonly ApiKeyView[], to: OrgRole | null): EngineError {
  const many = keys.length === 1 ? '1 live API key' : `${keys.length} live API keys`
  const message = `${name ?? email ?? 'This member'} made ${many} of the organization${to === null ? '' : ` with a role above ${to}`}. Say what becomes of them: keys: "revoke", or "keep" where services need them.`
  return new EngineError('KEYS_UNDECIDED', message, {
    fields: [{ path: 'keys', message: 'must be "keep" or "revoke"' }],
    keys: keys.slice(0, SHOWN).map(({ id, name: called, role, prefix, lastUsedAt }) => ({
      id,
      name: called,
      role,
      prefix,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    })),
  })
}
