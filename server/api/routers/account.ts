import { checkOwnPassword } from '@/server/auth/own-account'
import { passwordProblem } from '@/server/auth/password-rules'
import { hashPassword } from '@/server/auth/passwords'
import { beginSession, LIFETIME_SECONDS, noSessionCookie, sessionCookie } from '@/server/auth/session-cookie'
import { changePassword, endSessions, EngineError, ownAccount } from '@/server/engine'
import { requireSession } from '../authorize'
import { account, done, passwordChangeInput } from '../schemas/account'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

/** What people do with their own accounts. API keys may not call these procedures. */
export const accountRouter = router({
  get: authenticated
    .meta({
      summary: 'Reads your own account',
      description:
        'How you sign in, and how long this session lasts. It is for a person at the dashboard. An API key has no account (NOT_PERMITTED).',
      refuses: ['NOT_PERMITTED'],
    })
    .output(account)
    .query(async ({ ctx }) => {
      const session = await requireSession(ctx)
      const { passwordHash, identities } = await ownAccount(ctx.services.db, session.userId)
      return {
        hasPassword: passwordHash !== null,
        identities: identities.map(({ issuer, email, boundAt }) => ({ issuer, email, boundAt: iso(boundAt) })),
        signedInAt: iso(new Date(session.startedAt * 1000)),
        endsAt: iso(new Date((session.startedAt + LIFETIME_SECONDS) * 1000)),
      }
    }),

  changePassword: authenticated
    .meta({
      summary: 'Changes your password',
      description:
        'All other sessions end with the old password. This one goes on, with a new cookie. `fields` says what is wrong with either password. It is for a person at the dashboard.',
      refuses: ['NOT_PERMITTED', 'RATE_LIMITED'],
      example: { currentPassword: 'seven ducks on a pond', newPassword: 'nine geese in a field' },
    })
    .input(passwordChangeInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      const { userId } = await requireSession(ctx)
      const { db } = ctx.services
      const problem = passwordProblem(input.newPassword, ctx.principal.email ?? '')
      if (problem) throw wrong('newPassword', problem)
      const from = await checkOwnPassword(db, userId, input.currentPassword)
      if (input.newPassword === input.currentPassword) throw wrong('newPassword', 'is the present one')
      const to = await hashPassword(input.newPassword)
      const epoch = await changePassword(db, { actor: ctx.actor, address: ctx.address, from, to })
      if (epoch === null) throw wrong('currentPassword', 'was changed by another session just now')
      ctx.answerHeaders.append('set-cookie', await sessionCookie(beginSession(userId, epoch)))
      return { done: true as const }
    }),

  signOutEverywhere: authenticated
    .meta({
      summary: 'Ends all of your sessions',
      description:
        'Each session is refused at its next call, and its open streams end within 5 s. This session ends, too. It is for a person at the dashboard.',
      refuses: ['NOT_PERMITTED'],
    })
    .output(done)
    .mutation(async ({ ctx }) => {
      await requireSession(ctx)
      await endSessions(ctx.services.db, { actor: ctx.actor, address: ctx.address })
      ctx.answerHeaders.append('set-cookie', noSessionCookie())
      return { done: true as const }
    }),
})

const wrong = (path: string, message: string) =>
  new EngineError('INVALID_INPUT', `The input does not fit: ${path} ${message}`, { fields: [{ path, message }] })
