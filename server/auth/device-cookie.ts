import { v7 as uuidv7 } from 'uuid'
import { decode, encode } from 'next-auth/jwt'
import { getEnv } from '@/server/env'
import { readCookies, secureCookies, setCookie } from './session-cookie'

// The device cookie of OWASP's "Slow Down Online Guessing Attacks with Device Cookies". It signs nobody in. It only
// says that these accounts have signed in on this device before.

const HALF_A_YEAR = 180 * 24 * 60 * 60
/** How many users of one browser are remembered. The one whose last sign-in is longest ago is forgotten first. */
const MAX_USERS = 5
/** It makes the key differ from the session's key, so that neither cookie can be used as the other. */
const SALT = 'jobyard-device'

export interface Device {
  id: string
  userIds: string[]
}

const cookieName = (): string => `${secureCookies() ? '__Secure-' : ''}jobyard_device`

/** The device of a request. Null where the cookie is missing or was not made by us. */
export async function readDevice(headers: Headers): Promise<Device | null> {
  const token = readCookies(headers.get('cookie') ?? '')[cookieName()]
  if (!token) return null
  const claims = await decode({ token, secret: getEnv().NEXTAUTH_SECRET, salt: SALT }).catch(() => null)
  const { id, userIds } = (claims ?? {}) as Partial<Device>
  return typeof id === 'string' && Array.isArray(userIds) ? { id, userIds } : null
}

/** The `Set-Cookie` that makes this device known to `userId`. */
export async function deviceCookie(device: Device | null, userId: string): Promise<string> {
  const userIds = [...(device?.userIds ?? []).filter((id) => id !== userId), userId].slice(-MAX_USERS)
  const token = { id: device?.id ?? uuidv7(), userIds }
  return setCookie(
    cookieName(),
    await encode({ token, secret: getEnv().NEXTAUTH_SECRET, salt: SALT, maxAge: HALF_A_YEAR }),
    HALF_A_YEAR,
  )
}
