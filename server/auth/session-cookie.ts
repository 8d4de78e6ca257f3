import { v7 as uuidv7 } from 'uuid'
import { encode, getToken } from 'next-auth/jwt'
import { getEnv } from '@/server/env'
import { isUuid } from '@/server/engine/domain/uuid'

/** A session that was not used for this many seconds is over. */
export const IDLE_SECONDS = 12 * 60 * 60
/** A session is over this many seconds after the sign-in in any case. */
export const LIFETIME_SECONDS = 7 * 24 * 60 * 60
/** A cookie that is older than this many seconds is replaced by a new one. */
const RENEW_AFTER_SECONDS = 15 * 60

/** What the cookie says. It only proves who signed in and when. Everything else is read at each request. */
export interface Session {
  userId: string
  /** The id of this sign-in. Signing out ends it, whoever has a copy of the cookie. */
  id: string
  /** `users.session_epoch` at the sign-in. */
  epoch: number
  /** When the person signed in, in seconds since 1970. */
  startedAt: number
  /** When this cookie was made, in seconds since 1970. */
  issuedAt: number
}

/** The claims of the token besides its own times. */
export type SessionClaims = { sub: string; sid: string; epoch: number; at: number }

/** Behind https the cookie's name begins with `__Secure-`, so that it can never be set over plain http. */
export const secureCookies = (): boolean => getEnv().NEXTAUTH_URL.startsWith('https:')

export const sessionCookieName = (): string => `${secureCookies() ? '__Secure-' : ''}next-auth.session-token`

/** The claims of a session that begins now. */
export const beginSession = (userId: string, epoch: number): SessionClaims => ({
  sub: userId,
  sid: uuidv7(),
  epoch,
  at: seconds(),
})

/** The session in a valid cookie that is not too old, or null. `principalOfSession` says whether it has been ended. */
export async function readSession(headers: Headers): Promise<Session | null> {
  const cookies = readCookies(headers.get('cookie') ?? '')
  // next-auth reads only these two fields of the request.
  const req = { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]['req']
  return sessionOf(await getToken({ req, secret: getEnv().NEXTAUTH_SECRET, secureCookie: secureCookies() }))
}

/** The session in a token's claims. Null where there is none, or it is too old. */
export function sessionOf(claims: Record<string, unknown> | null): Session | null {
  if (!claims) return null
  const { sub, sid, epoch, at, iat } = claims
  if (typeof sub !== 'string' || !isUuid(sub) || typeof sid !== 'string' || !isUuid(sid)) return null
  if (typeof epoch !== 'number' || !Number.isInteger(epoch) || typeof at !== 'number' || typeof iat !== 'number')
    return null
  if (seconds() >= at + LIFETIME_SECONDS) return null
  return { userId: sub, id: sid, epoch, startedAt: at, issuedAt: iat }
}

/** The `Set-Cookie` for a session. */
export async function sessionCookie(claims: SessionClaims): Promise<string> {
  const maxAge = Math.min(IDLE_SECONDS, claims.at + LIFETIME_SECONDS - seconds())
  return setCookie(sessionCookieName(), await sessionToken(claims, maxAge), maxAge)
}

/** The value of the cookie. */
export const sessionToken = (claims: SessionClaims, maxAge = IDLE_SECONDS): Promise<string> =>
  encode({ token: claims, secret: getEnv().NEXTAUTH_SECRET, maxAge })

/** The `Set-Cookie` that removes the session from the browser. */
export const noSessionCookie = (): string => setCookie(sessionCookieName(), '', 0)

/** The `Set-Cookie` for the same session with a new token. Null while the present token is new enough. */
export async function renewedCookie(headers: Headers): Promise<string | null> {
  if (headers.has('authorization') || !headers.has('cookie')) return null
  const session = await readSession(headers)
  if (!session || seconds() - session.issuedAt < RENEW_AFTER_SECONDS) return null
  const { userId, id, epoch, startedAt } = session
  return sessionCookie({ sub: userId, sid: id, epoch, at: startedAt })
}

/**
 * A `Set-Cookie` that scripts cannot read. Browsers send it with requests from foreign pages only when a person follows
 * a link.
 * @param maxAge seconds
 */
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
