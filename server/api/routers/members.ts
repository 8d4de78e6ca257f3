import { roleMayDo } from '@/server/auth/access'
import { authenticate } from '@/server/auth/authenticate'
import { hashInvitationToken, newInvitationToken } from '@/server/auth/invitation-token'
import { passwordProblem } from '@/server/auth/password-rules'
import { hashPassword } from '@/server/auth/passwords'
import { beginSession, sessionCookie } from '@/server/auth/session-cookie'
import {
  acceptInvitation,
  changeMember,
  declineInvitation,
  EngineError,
  findInvitation,
  INVITATION_DAYS,
  inviteMember,
  listMembers,
  noInvitation,
  removeMember,
  type Acceptance,
  type MemberView,
} from '@/server/engine'
import { getEnv } from '@/server/env'
import { requireOrganization, requireSession } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  memberAccepted,
  memberAcceptInput,
  memberDeclined,
  memberDeclineInput,
  memberInvited,
  memberInviteInput,
  memberListInput,
  memberPage,
  memberRemoved,
  memberRemoveInput,
  memberUpdateInput,
  member as wireMember,
} from '../schemas/member'
import { anybody, authenticated, router, type Context } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `members.*` of the API: who belongs to an organization, with which role, and invitations.

export const membersRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists members, then those who are invited',
      description: 'Without the right to change them you get members only, and no email addresses.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(memberListInput)
    .output(memberPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } }) => {
      const role = await requireOrganization(ctx, organizationId, 'members.read')
      const all = roleMayDo(role, 'members.write')
      const page = await listMembers(ctx.services.db, organizationId, {
        invitations: all,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
      })
      const items = page.items.map(toWireMember)
      return { items: all ? items : items.map((item) => ({ ...item, email: null })), nextCursor: page.nextCursor }
    }),

  invite: authenticated
    .meta({
      summary: 'Invites a member',
      description:
        'Nobody becomes a member without accepting. The owner of the address accepts by `link`, with a new account or, signed in, with an existing one. The link is shown in this answer and never again. It works once within 7 days, for as long as you may still invite. Jobyard sends no mail. Inviting an address again makes a new link and ends the old one. Needs role ADMIN. An API key of an organization cannot invite anybody.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId, email: 'kim@example.com', role: 'OPERATOR', name: 'Kim Lee' },
    })
    .input(memberInviteInput)
    .output(memberInvited)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      const token = newInvitationToken()
      const given = {
        ...input,
        name: input.name ?? null,
        tokenHash: hashInvitationToken(token),
        actor: ctx.actor,
        address: ctx.address,
      }
      const member = await inviteMember(ctx.services.db, given)
      const message = `Jobyard sends no mail: give this link to ${input.email} yourself. It is shown only now, and works once within ${INVITATION_DAYS} days.`
      return { member: toWireMember(member), link: new URL(`/invite/${token}`, getEnv().NEXTAUTH_URL).href, message }
    }),

  update: authenticated
    .meta({
      summary: 'Changes the role of a member',
      description:
        'Or of an invitation. The new role counts from the next call of that person. The last ADMIN keeps its role (ILLEGAL_TRANSITION). When a role is lowered, invitations that the person may no longer give are taken back, and `keys` must say what becomes of the API keys with a higher role that the person made and that still work (KEYS_UNDECIDED lists them). Needs role ADMIN. An API key of an organization may only lower roles.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION', 'KEYS_UNDECIDED'],
      example: {
        organizationId: EXAMPLE.organizationId,
        memberId: EXAMPLE.memberId,
        role: 'ADMIN',
        reason: 'Takes over',
      },
    })
    .input(memberUpdateInput)
    .output(wireMember)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      return toWireMember(await changeMember(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address }))
    }),

  remove: authenticated
    .meta({
      summary: 'Removes a member, or takes an invitation back',
      description:
        'From its next call on, the person no longer finds the organization. Its jobs stay, and its open invitations are taken back. `keys` must say what becomes of the API keys of the organization that it made and that still work (KEYS_UNDECIDED lists them). The last ADMIN cannot be removed (ILLEGAL_TRANSITION). Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION', 'KEYS_UNDECIDED'],
      example: { organizationId: EXAMPLE.organizationId, memberId: EXAMPLE.memberId, reason: 'Left' },
    })
    .input(memberRemoveInput)
    .output(memberRemoved)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      await removeMember(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { memberId: input.memberId }
    }),

  accept: anybody
    .meta({
      summary: 'Accepts an invitation',
      description:
        'The token is the end of the invitation’s link. A person without an account gives a name and a password, and is signed in by the answer. A person with an account must be signed in with it. NOT_FOUND means that the link was used, was withdrawn or has expired, or that whoever invited may no longer do so. Needs no credentials where the address has no account.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: {
        token: 'r3JqVb0m9Qz5yXn2LwT8cKd6HfPa1uEsGi7oNvBxYtM',
        name: 'Kim Lee',
        password: 'seven ducks on a pond',
      },
    })
    .input(memberAcceptInput)
    .output(memberAccepted)
    .mutation(async ({ ctx, input }) => {
      const { db } = ctx.services
      const tokenHash = hashInvitationToken(input.token)
      const by = await acceptance(ctx, input, tokenHash)
      const { userId, epoch, organizationId } = await acceptInvitation(db, { tokenHash, by, address: ctx.address })
      if ('passwordHash' in by) ctx.answerHeaders.append('set-cookie', await sessionCookie(beginSession(userId, epoch)))
      return { organizationId }
    }),

  decline: authenticated
    .meta({
      summary: 'Declines an invitation',
      description:
        'The link ends for good. The invited person does this, signed in with the account of the invited address. An API key cannot.',
      refuses: ['NOT_PERMITTED', 'NOT_FOUND'],
      example: { token: 'r3JqVb0m9Qz5yXn2LwT8cKd6HfPa1uEsGi7oNvBxYtM' },
    })
    .input(memberDeclineInput)
    .output(memberDeclined)
    .mutation(async ({ ctx, input }) => {
      const { userId } = await requireSession(ctx)
      return declineInvitation(ctx.services.db, {
        tokenHash: hashInvitationToken(input.token),
        userId,
        address: ctx.address,
      })
    }),
})

/**
 * Finds out who accepts the invitation. The invitation is looked up first, because hashing a password takes long. Only
 * a person with a valid link may cause that work.
 */
async function acceptance(
  ctx: Context,
  { name, password }: { name?: string; password?: string },
  tokenHash: Buffer,
): Promise<Acceptance> {
  const invitation = await findInvitation(ctx.services.db, tokenHash)
  if (!invitation) throw noInvitation()
  if (invitation.hasAccount) return { userId: (await authenticate(ctx.headers, ctx.services.db)).id }
  const problem = password === undefined ? 'is required' : passwordProblem(password, invitation.email)
  const fields = [
    ...(name ? [] : [{ path: 'name', message: 'is required' }]),
    ...(problem ? [{ path: 'password', message: problem }] : []),
  ]
  const first = fields[0]
  if (first)
    throw new EngineError('INVALID_INPUT', `The input does not fit: ${first.path} ${first.message}`, { fields })
  return { name: name!, passwordHash: await hashPassword(password!) }
}

const toWireMember = (view: MemberView) => ({ ...view, since: iso(view.since), expiresAt: isoOrNull(view.expiresAt) })
