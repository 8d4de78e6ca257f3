import { permits } from '@/server/auth/access'
import { authenticate } from '@/server/auth/authenticate'
import { hashInvitationToken, newInvitationToken } from '@/server/auth/invitation-token'
import { passwordProblem } from '@/server/auth/password-rules'
import { hashPassword } from '@/server/auth/passwords'
import { beginSession, sessionCookie } from '@/server/auth/session-cookie'
import {
  acceptInvitation, changeMember, EngineError, findInvitation, INVITATION_DAYS, inviteMember, listMembers, noInvitation, removeMember, type Acceptance,
  type MemberView,
} from '@/server/engine'
import { getEnv } from '@/server/env'
import { requireOrganization } from '../authorize'
import {
  memberAccepted, memberAcceptInput, memberInvited, memberInviteInput, memberListInput, memberPage, memberRemoved, memberRemoveInput, memberUpdateInput,
  member as wireMember,
} from '../schemas/member'
import { anybody, authenticated, router, type Context } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const membersRouter = router({
  /** Members, then those who are invited. Without the right to change them: members only, and no e-mail addresses. */
  list: authenticated
    .input(memberListInput)
    .output(memberPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } }) => {
      const role = await requireOrganization(ctx, organizationId, 'members.read')
      const all = permits(role, 'members.write')
      const page = await listMembers(ctx.services.db, organizationId, { invitations: all, cursor: cursor ?? undefined, limit: limit ?? 25 })
      const items = page.items.map(toWireMember)
      return { items: all ? items : items.map((item) => ({ ...item, email: null })), nextCursor: page.nextCursor }
    }),

  /** Adds who has an account; invites who has none, by a link that is shown in this answer and never again. */
  invite: authenticated
    .input(memberInviteInput)
    .output(memberInvited)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      const token = newInvitationToken()
      const given = { ...input, name: input.name ?? null, tokenHash: hashInvitationToken(token), actor: ctx.actor, address: ctx.address }
      const { member, invited } = await inviteMember(ctx.services.db, given)
      const message = invited
        ? `Jobyard sends no mail: give this link to ${input.email} yourself. It is shown only now, and works once within ${INVITATION_DAYS} days.`
        : `${input.email} has an account and is a member now.`
      return { member: toWireMember(member), link: invited ? new URL(`/invite/${token}`, getEnv().NEXTAUTH_URL).href : null, message }
    }),

  update: authenticated
    .input(memberUpdateInput)
    .output(wireMember)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      return toWireMember(await changeMember(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address }))
    }),

  /** Takes a member out, or an invitation back. */
  remove: authenticated
    .input(memberRemoveInput)
    .output(memberRemoved)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'members.write')
      await removeMember(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { memberId: input.memberId }
    }),

  /** Accepts an invitation; whoever becomes a new account by it is signed in by the answer. */
  accept: anybody
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
})

/** Who accepts. Looked up first: hashing a password is dear, and only for who holds a link. */
async function acceptance(ctx: Context, { name, password }: { name?: string; password?: string }, tokenHash: Buffer): Promise<Acceptance> {
  const invitation = await findInvitation(ctx.services.db, tokenHash)
  if (!invitation) throw noInvitation()
  if (invitation.hasAccount) return { userId: (await authenticate(ctx.headers, ctx.services.db)).id }
  const problem = password === undefined ? 'is needed' : passwordProblem(password, invitation.email)
  const fields = [...(name ? [] : [{ path: 'name', message: 'is needed' }]), ...(problem ? [{ path: 'password', message: problem }] : [])]
  const first = fields[0]
  if (first) throw new EngineError('INVALID_INPUT', `The input does not fit: ${first.path} ${first.message}`, { fields })
  return { name: name!, passwordHash: await hashPassword(password!) }
}

const toWireMember = (view: MemberView) => ({ ...view, since: iso(view.since), expiresAt: isoOrNull(view.expiresAt) })
