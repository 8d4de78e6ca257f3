import type { Db } from '@/server/db'
import { EngineError } from '@/server/engine/domain/errors'
import { isAttemptToken, type AttemptRef } from '@/server/engine'
import { principalOfKey } from './api-keys'
import { attemptBehind, onlyAttemptTokens, onlyItsAttempt } from './attempt-token'
import type { Principal } from './principal'
import { readSession } from './session-cookie'
import { principalOfSession } from './users'

/**
 * Finds out who sends this request. `Authorization: Bearer` decides where there is one: a wrong key is refused, and the
 * cookie is not tried after it. Otherwise the dashboard's session cookie decides.
 *
 * @throws EngineError UNAUTHENTICATED
 */
export async function authenticate(headers: Headers, db: Db): Promise<Principal> {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const key = bearerOf(authorization)
    // The holder of an attempt's token never becomes a principal. So code that takes a principal need not know about
    // such tokens.
    if (key && isAttemptToken(key)) {
      await attemptBehind(db, key)
      throw onlyItsAttempt()
    }
    const principal = key ? await principalOfKey(db, key) : null
    if (!principal)
      throw new EngineError(
        'UNAUTHENTICATED',
        'This API key is unknown, expired or revoked. Use another key, or ask an ADMIN of your organization for a new one.',
      )
    return principal
  }
  const session = await readSession(headers)
  const principal = session && (await principalOfSession(db, session))
  if (!principal) throw new EngineError('UNAUTHENTICATED', 'Sign in, or send Authorization: Bearer <API key>.')
  return principal
}

/**
 * The attempt that the sender of this request reports on, by `Authorization: Bearer <attempt token>`.
 *
 * @throws EngineError UNAUTHENTICATED; NOT_PERMITTED for all other callers, whatever they may do elsewhere
 */
export async function authenticateAttempt(headers: Headers, db: Db): Promise<AttemptRef> {
  const token = bearerOf(headers.get('authorization') ?? '')
  if (token && isAttemptToken(token)) return attemptBehind(db, token)
  await authenticate(headers, db)
  throw onlyAttemptTokens()
}

const bearerOf = (authorization: string): string | undefined => /^Bearer +(\S+) *$/i.exec(authorization)?.[1]

/**
 * The same caller as the database knows it now. Null when its credentials are no longer valid. It is for streams that
 * are open for long.
 */
export function refresh(headers: Headers, db: Db): Promise<Principal | null> {
  return authenticate(headers, db).catch((error: unknown) => {
    if (error instanceof EngineError) return null
    throw error
  })
}
