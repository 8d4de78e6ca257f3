import type { NextAuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { headers } from 'next/headers'
import { getServices } from '@/server/api/services'
import type { Db } from '@/server/db'
import { getEnv } from '@/server/env'
import { checkPassword } from './passwords'
import type { Principal } from './principal'
import { secureCookies, sessionUserId } from './session-cookie'
import { principalOfUser } from './users'

const TWELVE_HOURS = 12 * 60 * 60

/** Sign-in by e-mail and password; the session is a JWT that holds the user's id and nothing else. */
export function authOptions(db: Db): NextAuthOptions {
  const secure = secureCookies()
  return {
    secret: getEnv().NEXTAUTH_SECRET,
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS, updateAge: 15 * 60 },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: `${secure ? '__Secure-' : ''}next-auth.session-token`,
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    providers: [
      CredentialsProvider({
        name: 'Email and password',
        credentials: { email: { label: 'Email', type: 'email' }, password: { label: 'Password', type: 'password' } },
        authorize: async (given) => {
          const email = typeof given?.email === 'string' ? given.email.trim().toLowerCase() : ''
          const password = typeof given?.password === 'string' ? given.password : ''
          const user = isStorable(email) ? await db.user.findUnique({ where: { email }, include: { person: true } }) : null
          const right = await checkPassword(password, user?.passwordHash ?? null)
          if (!user || !right || user.disabledAt) return null
          return { id: user.id, email: user.email, name: user.person?.name ?? user.email }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => ({ sub: user ? user.id : token.sub }),
      // Pages ask `session.me`; this answers only whether somebody is signed in.
      session: ({ session, token }) => ({ expires: session.expires, user: { name: token.sub } }),
    },
    logger: {
      // Its own logger writes whole requests to the console.
      error: () => undefined,
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/**
 * Who is signed in on this page, or null. The user's row is read, so that somebody who was removed
 * is not sent to and fro between a page that trusts the cookie and an API that does not.
 */
export async function getSession(): Promise<Principal | null> {
  const userId = await sessionUserId(await headers())
  return userId ? principalOfUser(getServices().db, userId) : null
}

/** PostgreSQL refuses NUL bytes; no e-mail is that long. */
const isStorable = (email: string): boolean => email.length > 0 && email.length <= 320 && !email.includes('\0')
