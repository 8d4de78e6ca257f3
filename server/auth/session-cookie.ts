import { getToken } from 'next-auth/jwt'
import { getEnv } from '@/server/env'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Behind https the cookie carries the `__Secure-` name, so that plain http can never set it. */
export const secureCookies = (): boolean => getEnv().NEXTAUTH_URL.startsWith('https:')

/** The user id in a valid session cookie, or null. The token proves only who; everything else is read. */
export async function sessionUserId(headers: Headers): Promise<string | null> {
  const cookies = readCookies(headers.get('cookie') ?? '')
  // next-auth reads nothing of the request but these two.
  const req = { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]['req']
  const token = await getToken({ req, secret: getEnv().NEXTAUTH_SECRET, secureCookie: secureCookies() })
  return typeof token?.sub === 'string' && UUID.test(token.sub) ? token.sub : null
}

function readCookies(header: string): Record<string, string> {
  const cookies: Record<string, string> = {}
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at > 0) cookies[part.slice(0, at).trim()] = part.slice(at + 1).trim()
  }
  return cookies
}
