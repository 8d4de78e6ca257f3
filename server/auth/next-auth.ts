import type { NextAuthOptions } from 'next-auth'
import credentialsProvider from 'next-auth/providers/credentials'
import type { Db } from '@/server/db'
import { admitIdentity, endSession } from '@/server/engine'
import { getEnv } from '@/server/env'
import type { Logger } from '@/server/logger'
import { defaultOf } from './default-of'
import { deviceCookie, readDevice } from './device-cookie'
import { identityOf, OIDC, oidcProvider } from './oidc'
import { beginSession, IDLE_SECONDS, secureCookies, sessionCookieName, sessionOf } from './session-cookie'
import { signInByPassword, type SignedIn } from './sign-in'
import { principalOfSession } from './users'

const CredentialsProvider = defaultOf(credentialsProvider)

/** One request to next-auth, and results of it that next-auth cannot pass on. */
export interface Visit {
  headers: Headers
  address: string | null
  /** Set where there were too many tries. */
  retryAfterSeconds?: number
  /** Set where somebody signed in by password. The device is known from now on. */
  deviceCookie?: string
  /**
   * Set where a sign-in or the look at a session failed, as while the database is away. next-auth would answer that the
   * password is wrong, or that the session has ended. This error must be answered instead.
   */
  failure?: Error
}

/**
 * Sign-in by email and password, and at an OIDC provider where one is configured. The session is a JWT that says who
 * and since when (`SessionClaims`), and nothing that could become out of date.
 */
export function authOptions(db: Db, logger: Logger, visit: Visit): NextAuthOptions {
  const secure = secureCookies()
  const oidc = oidcProvider()
  /** Runs work, and notes its error in the visit, because next-auth catches every error. */
  const noting = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      visit.failure = error as Error
      throw error
    }
  }
  return {
    secret: getEnv().NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: IDLE_SECONDS },
    jwt: { maxAge: IDLE_SECONDS },
    pages: { signIn: '/sign-in', signOut: '/sign-in', error: '/sign-in' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: { name: sessionCookieName(), options: { httpOnly: true, sameSite: 'lax', path: '/', secure } },
    },
    providers: [
      CredentialsProvider({
        name: 'Email and password',
        credentials: { email: { label: 'Email', type: 'email' }, password: { label: 'Password', type: 'password' } },
        authorize: (given) =>
          noting(async () => {
            const device = await readDevice(visit.headers)
            const { user, retryAfterSeconds } = await signInByPassword(db, {
              email: typeof given?.email === 'string' ? given.email : '',
              password: typeof given?.password === 'string' ? given.password : '',
              address: visit.address,
              knownDevice: (userId) => (device?.userIds.includes(userId) ? device.id : null),
            })
            visit.retryAfterSeconds = retryAfterSeconds
            if (user) visit.deviceCookie = await deviceCookie(device, user.id)
            else logger.info({ address: visit.address, retryAfterSeconds }, 'a sign-in failed')
            return user
          }),
      }),
      ...(oidc ? [oidc] : []),
    ],
    callbacks: {
      async signIn({ user, account, profile }) {
        if (account?.provider === OIDC) {
          const identity = identityOf(profile as Parameters<typeof identityOf>[0])
          const admitted = await admitIdentity(db, identity, visit.address).catch((err: unknown) => {
            logger.error({ err }, 'a sign-in by OIDC could not be answered')
            return null
          })
          // The browser comes here from the provider, so it needs a page. next-auth would write the error's message into
          // the address of that page. The provider has done its part, so the page does not name it.
          if (admitted === null) return '/sign-in?error=NotAnswered'
          // A text says why nobody is let in.
          if (typeof admitted === 'string') {
            logger.info({ address: visit.address, reason: admitted }, 'nobody was let in by OIDC')
            return `/sign-in?error=${admitted}`
          }
          // next-auth passes this same object to the jwt callback.
          Object.assign(user, { id: admitted.userId, epoch: admitted.epoch, name: admitted.name } satisfies SignedIn)
        }
        logger.info({ userId: user.id, address: visit.address, by: account?.provider }, 'somebody signed in')
        return true
      },
      async jwt({ token, user }) {
        if (user) return { ...beginSession(user.id, (user as unknown as SignedIn).epoch) }
        const session = sessionOf(token)
        const principal = session && (await noting(() => principalOfSession(db, session)))
        // Throwing here makes next-auth remove the cookie.
        if (!principal) throw new Error('the session has ended')
        return { sub: session.userId, sid: session.id, epoch: session.epoch, at: session.startedAt }
      },
      // Pages ask `session.me` for details. This only says whether somebody is signed in.
      session: ({ session, token }) => ({ expires: session.expires, user: { name: token.sub } }),
    },
    events: {
      // Where this fails, next-auth removes the cookie all the same: whoever signs out must not stay signed in on a shared
      // machine. The session then lives on until it is over by itself, in case somebody has a copy of the cookie.
      async signOut({ token }) {
        const session = sessionOf(token)
        if (session) await endSession(db, session.id)
      },
    },
    logger: {
      // next-auth's own logger writes whole requests to the console, with passwords and codes in them.
      error: (code, meta) => {
        // JWT_SESSION_ERROR comes for each session that has ended (the jwt callback above throws) and for each cookie
        // that cannot be read.
        if (code !== 'JWT_SESSION_ERROR') logger.warn({ code, reason: messageOf(meta) }, 'next-auth could not do it')
      },
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

function messageOf(meta: unknown): string {
  if (meta instanceof Error) return meta.message
  const { error } = (meta ?? {}) as { error?: unknown }
  return error instanceof Error ? error.message : 'unknown'
}
