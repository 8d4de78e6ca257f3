import type { Db } from '@/server/db'
import { ownAccount } from '@/server/engine'
import { EngineError } from '@/server/engine/domain/errors'
import { inTurn, takeAttempt, type Attempt } from './attempts'
import { checkPassword } from './passwords'

/**
 * The hash of the present password, where the given one is right. Somebody who finds an unattended browser must not go
 * on guessing, so it is slowed down like a sign-in, with a counter of its own.
 *
 * @throws EngineError INVALID_INPUT, or RATE_LIMITED after too many wrong ones
 */
export function checkOwnPassword(db: Db, userId: string, password: string): Promise<string> {
  // No device has this id. It gives the account page a counter apart from those of sign-ins.
  const attempt: Attempt = { account: userId, address: null, deviceId: 'account page' }
  return inTurn(attempt, async () => {
    const taken = await takeAttempt(db, attempt)
    if (taken.retryAfterSeconds !== null) {
      const message = `Too many wrong passwords. Try again in ${taken.retryAfterSeconds} s.`
      throw new EngineError('RATE_LIMITED', message, { retryAfterSeconds: taken.retryAfterSeconds })
    }
    const { passwordHash } = await ownAccount(db, userId)
    if (!(await checkPassword(password, passwordHash)) || passwordHash === null) {
      throw new EngineError('INVALID_INPUT', 'This is not your present password.', {
        fields: [{ path: 'currentPassword', message: 'is wrong' }],
      })
    }
    await taken.succeed()
    return passwordHash
  })
}
