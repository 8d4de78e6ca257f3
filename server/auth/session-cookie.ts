import { v7 as uuidv7 } from 'uuid'
import { encode, getToken } from 'next-auth/jwt'
import { getEnv } from '@/server/env'
import { isUuid } from '@/server/engine/domain/uuid'

/** A session ends when it was not used for this long (seconds). */
export const IDLE_SECONDS = 12 * 60 * 60
/** And in any case this long after the sign-in. */
export const LIFETIME_SECONDS = 7 * 24 * 60 * 60
/** The cookie is replaced by a new one once it is so old. */
const RENEW_AFTER_SECONDS = 15 * 60

/** What the cookie says. It proves only who and which sign-in; everything else is read at each request. */
export interface Session {
  userId: string
  /** Of this sign-in: signing out ends it, whoever holds a copy of the cookie. */
  id: string
  /** `users.session_epoch` when it began. */
  epoch: number
  /** Seconds since 1970. */
  startedAt: number
  /** Of this cookie; seconds since 1970. */
  issuedAt: number
}

/** What stands in the token besides its own times. */
export type SessionClaims = { sub: string; sid: string; epoch: number; at: number }

/** Behind https the cookie carries the `__Secure-` name, so that plain http can never set it. */
export const secureCookies = (): boolean => getEnv().NEXTAUTH_URL.startsWith('https:')

export const sessionCookieName = (): string => `${secureCookies() ? '__Secure-' : ''}next-auth.session-token`

/** A sign-in that begins now. */
export const beginSession = (userId: string, epoch: number): SessionClaims => ({
  sub: userId,
  sid: uuidv7(),
  epoch,
  at: seconds(),
})

/** The session in a valid cookie that is not too old, or null. Whether it still holds, `principalOfSession` says. */
export async function readSession(headers: Headers): Promise<Session | null> {
  const cookies = readCookies(headers.get('cookie') ?? '')
  // next-auth reads nothing of the request but these two.
  const req = { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]['req']
  return sessionOf(await getToken({ req, secret: getEnv().NEXTAUTH_SECRET, secureCookie: secureCookies() }))
}

/** The session that a token's claims make, or null where they make none or it is too old. */
export function sessionOf(claims: Record<string, unknown> | null): Session | null {
  if (!claims) return null
  const { sub, sid, epoch, at, iat } = claims
  if (typeof sub !== 'string' || !isUuid(sub) || typeof sid !== 'string' || !isUuid(sid)) return null
  if (typeof epoch !== 'number' || !Number.isInteger(epoch) || typeof at !== 'number' || typeof iat !== 'number')
    return null
  if (seconds() >= at + LIFETIME_SECONDS) return null
  return { userId: sub, id: sid, epoch, startedAt: at, issuedAt: iat }
}

/** The `Set-Cookie` of a session. */
export async function sessionCookie(claims: SessionClaims): Promise<string> {
  const maxAge = Math.min(IDLE_SECONDS, claims.at + LIFETIME_SECONDS - seconds())
  return setCookie(sessionCookieName(), await sessionToken(claims, maxAge), maxAge)
}

/** The cookie's value. */
export const sessionToken = (claims: SessionClaims, maxAge = IDLE_SECONDS): Promise<string> =>
  encode({ token: claims, secret: getEnv().NEXTAUTH_SECRET, maxAge })

/** The `Set-Cookie` that takes the session out of the browser. */
export const noSessionCookie = (): string => setCookie(sessionCookieName(), '', 0)

/** The `Set-Cookie` of the same session with a new token, or null while the present one is fresh enough. */
export async function renewedCookie(headers: Headers): Promise<string | null> {
  if (headers.has('authorization') || !headers.has('cookie')) return null
  const session = await readSession(headers)
  if (!session || seconds() - session.issuedAt < RENEW_AFTER_SECONDS) return null
  const { userId, id, epoch, startedAt } = session
  return sessionCookie({ sub: userId, sid: id, epoch, at: startedAt })
}

/** A `Set-Cookie` that no script reads and no foreign page's request but a plain visit carries. @param maxAge seconds */
export const setCookie = (name: string, value: string, maxAge: number): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secureCookies() ? '; Secure' : ''}`

export function readCookies(header: string): Record<string, string> {
  const cookies: Record<string, string> = {}
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at > 0) cookies[part.slice(0, at).trim()] = part.slice(at + 1).trim()
  }
  return cookies
}

const seconds = (): number => Math.floor(Date.now() / 1000)
