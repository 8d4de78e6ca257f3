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

/** What becomes of the keys that a member made. */
export interface KeyDecision {
  /** Must be said while there are live ones that count. */
  keys?: 'keep' | 'revoke'
  /** Of jobs that wait for a key that is revoked: they end with it unless this says that they pass to who revokes. */
  waitingJobs?: Disposal
}

interface Given extends KeyDecision {
  organizationId: string
  actor: Actor
  address: string | null
  reason?: string | null
}

/** Shown of a list that could be long. */
const SHOWN = 100

/**
 * Sees to it that a member who goes keeps no way in that nobody decided about; the caller has locked the
 * organization, so that no key and no invitation is made meanwhile. Their live keys of the organization are
 * kept or revoked as was said. At a demotion only keys with a role above the new one count: the others open no more than
 * the member still may. A system admin loses nothing by it, but is asked all the same.
 *
 * @param to the new role; null: the member is removed
 * @returns what the audit keeps of the decision; undefined where there was nothing to decide.
 * @throws EngineError KEYS_UNDECIDED with the keys
 */
export async function settleKeys(
  tx: Tx,
  { organizationId, keys: decision, waitingJobs, actor, address, reason }: Given,
  member: MemberView,
  to: OrgRole | null,
): Promise<Json | undefined> {
  if (member.userId === null) return undefined
  const keys = await liveKeysMadeBy(tx, { organizationId, userId: member.userId, above: to })
  if (keys.length === 0) return undefined
  if (decision === undefined) throw undecided(member, keys, to)
  if (decision === 'revoke') {
    for (const { id } of keys) {
      // A key that takes its own maker out cannot pass its jobs to itself.
      const disposal = actor.type === 'key' && actor.id === id ? 'cancel' : (waitingJobs ?? 'cancel')
      await revokeApiKey(tx, { organizationId, apiKeyId: id, waitingJobs: disposal, actor, address, reason })
    }
  }
  return { decision, keys: keys.map(({ id, name, role, prefix }) => ({ id, name, role, prefix })) }
}

/** Takes back the open invitations of a member who may invite no more. Called after the change of their role. */
export async function withdrawInvitations(
  tx: Tx,
  { organizationId, actor, address, reason }: Given,
  { userId, name }: MemberView,
): Promise<void> {
  if (userId === null) return
  const inviter: Actor = { type: 'user', id: userId, name: name ?? '' }
  // ADMIN, or a system admin, may grant any role; whoever is neither may grant none.
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
