import { actor, cursor, direction, id, isoDate, limit, nameOf, orgRole, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about members of organizations and invitations.

const personName = nameOf()
const email = z.string().trim().toLowerCase().max(254).pipe(z.email('must be an email address'))
const invitationToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the end of an invitation’s link')

export const member = z.object({
  id: wireId.describe('The id that `members.update` and `members.remove` take.'),
  status: z
    .enum(['MEMBER', 'INVITED', 'EXPIRED'])
    .describe('INVITED: the link has not been used yet. EXPIRED: the link is no longer valid, so invite again.'),
  // Null for somebody who is invited.
  userId: wireId.nullable(),
  email: z.string().nullable().describe('Null for callers who may not change members.'),
  name: z.string().nullable(),
  role: orgRole,
  // Since when the person is a member, or when the link was made.
  since: isoDate,
  // Both are null for a member.
  invitedBy: actor.nullable(),
  expiresAt: isoDate.nullable(),
})
export const memberPage = pageOf(member)

export const memberListInput = z.strictObject({
  organizationId: id,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const memberInviteInput = z.strictObject({
  organizationId: id,
  email,
  role: orgRole,
  name: personName.optional(),
  reason: reason.optional(),
})
export const memberInvited = z.object({
  member,
  link: z.string().describe('The owner of the address accepts by it. It is shown only once.'),
  message: z.string(),
})
/** What happens to the keys that a member made, and to the waiting jobs of these keys. */
const keyDecision = {
  keys: z
    .enum(['keep', 'revoke'])
    .optional()
    .describe(
      'What becomes of the API keys of the organization that this member made and that still work. It must be given where there are some (KEYS_UNDECIDED lists them).',
    ),
  waitingJobs: z
    .enum(['cancel', 'transfer'])
    .optional()
    .describe(
      'What becomes of the waiting jobs of keys that are revoked. They are canceled (the default), or pass to the caller.',
    ),
}
export const memberUpdateInput = z.strictObject({
  organizationId: id,
  memberId: id,
  role: orgRole,
  ...keyDecision,
  reason: reason.optional(),
})
export const memberRemoveInput = z.strictObject({
  organizationId: id,
  memberId: id,
  ...keyDecision,
  reason: reason.optional(),
})
export const memberRemoved = z.object({ memberId: wireId })

/**
 * An address without an account needs a name and a password. For one with an account they are ignored, and the caller
 * must be signed in with that account.
 */
export const memberAcceptInput = z.strictObject({
  token: invitationToken,
  name: personName.optional(),
  password: z.string().max(1000).optional(),
})
export const memberAccepted = z.object({ organizationId: wireId })

export const memberDeclineInput = z.strictObject({ token: invitationToken })
export const memberDeclined = z.object({ organizationId: wireId })
