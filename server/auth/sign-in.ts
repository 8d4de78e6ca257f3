import type { Db } from '@/server/db'
import { userOfEmail } from '@/server/engine'
import { inTurn, takeAttempt, type Attempt } from './attempts'
import { checkPassword } from './passwords'

// Signing in with an email address and a password.

/** The person who signed in. `epoch` is `users.session_epoch`, and goes into the session. */
export interface SignedIn {
  id: string
  epoch: number
  name: string
}

export type SignInResult =
  | { user: SignedIn; retryAfterSeconds?: undefined }
  /** Wrong address, wrong password, no password, or disabled. Nobody is told which. */
  | { user: null; retryAfterSeconds?: undefined }
  | { user: null; retryAfterSeconds: number }

export interface PasswordSignIn {
  email: string
  password: string
  address: string | null
  /** The id of the request's device where it knows this user, otherwise null. */
  knownDevice: (userId: string) => string | null
}

/**
 * Checks an email address and a password. An unknown account is counted, slowed down and compared like any other, so
 * that neither the answer nor its time tells whether it exists.
 */
export async function signInByPassword(db: Db, given: PasswordSignIn): Promise<SignInResult> {
  const email = given.email.trim().toLowerCase()
  const user = isStorable(email) ? await userOfEmail(db, email) : null
  const attempt: Attempt = { account: email, address: given.address, deviceId: user && given.knownDevice(user.id) }
  return inTurn(attempt, async () => {
    const taken = await takeAttempt(db, attempt)
    if (taken.retryAfterSeconds !== null) return { user: null, retryAfterSeconds: taken.retryAfterSeconds }
    const right = await checkPassword(given.password, user?.passwordHash ?? null)
    if (!user || !right || user.disabledAt) return { user: null }
    await taken.succeed()
    return { user: { id: user.id, epoch: user.sessionEpoch, name: user.person?.name ?? user.email } }
  })
}

/**
 * True for text that PostgreSQL can store, without NUL bytes and lone surrogates, and that is not longer than any
 * email address.
 */
const isStorable = (email: string): boolean =>
  email.length > 0 && email.length <= 320 && !email.includes('\0') && email.isWellFormed()
