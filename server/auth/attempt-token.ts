import type { Db } from '@/server/db'
import { attemptOfToken, EngineError, type AttemptRef } from '@/server/engine'

/** The attempt whose token this is. @throws EngineError UNAUTHENTICATED when it is unknown or its time is over. */
export async function attemptBehind(db: Db, token: string): Promise<AttemptRef> {
  const attempt = await attemptOfToken(db, token)
  if (!attempt)
    throw new EngineError(
      'UNAUTHENTICATED',
      'This attempt token is unknown, or the time of its attempt is over. Use the token that came with the present attempt.',
    )
  return attempt
}

/** The refusal for callers who send an attempt token to another procedure than those for attempts. */
export const onlyItsAttempt = (): EngineError =>
  new EngineError(
    'NOT_PERMITTED',
    'An attempt token is accepted only by attempts.progress, attempts.complete and attempts.fail, for its own attempt.',
  )

/** The refusal for callers who report on an attempt with another kind of credentials. */
export const onlyAttemptTokens = (): EngineError =>
  new EngineError(
    'NOT_PERMITTED',
    'Only the service that carries out an attempt may report on it. Send Authorization: Bearer <the token that came with the request>.',
  )
