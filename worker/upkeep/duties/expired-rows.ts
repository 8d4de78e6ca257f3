import { removeExpired, type ExpiryCursor } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Removes rows whose time is over: dedupe claims, idempotency keys, admissions of rate limits, tokens of attempts, notes
 * of ended sessions, and counts of failed sign-ins. Each run takes one step of a walk over the dedupe claims.
 */
export function expiredRows({ db }: DutyContext): Duty {
  let place: ExpiryCursor = null
  return {
    name: 'expired rows',
    everyMs: 10_000,
    needs: 'postgresql',
    async run() {
      place = await removeExpired(db, place)
      return {}
    },
  }
}
