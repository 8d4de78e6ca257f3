import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { CallerTurns } from './caller-turns'

// How many calls a caller may make in a second, and how many may run at once.

/** Counts the calls of each key and each person in this process (docs/decisions/0022). */
export interface CallLimits {
  /**
   * Counts one call of the caller in this second.
   *
   * @throws EngineError RATE_LIMITED with the seconds to wait
   */
  take(principal: Pick<Principal, 'id' | 'type' | 'callsPerSecond'>): Promise<void>
}

export function createCallLimits(): CallLimits {
  // There is one limiter for each limit. It counts each caller separately.
  const limiters = new Map<number, RateLimiterMemory>()
  const limiterOf = (points: number) => {
    const limiter = limiters.get(points) ?? new RateLimiterMemory({ points, duration: 1 })
    limiters.set(points, limiter)
    return limiter
  }
  return {
    async take({ id, type, callsPerSecond }) {
      try {
        await limiterOf(callsPerSecond).consume(id)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        const message =
          type === 'key'
            ? `This API key may call ${callsPerSecond} times a second. Try again in a moment, or ask for a higher limit.`
            : `You may call ${callsPerSecond} times a second. Try again in a moment. Programs should use an API key.`
        throw new EngineError('RATE_LIMITED', message, {
          retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)),
        })
      }
    },
  }
}

/**
 * How many calls of one caller run at the same time. The process has 20 connections to the database, and a page of a
 * list has up to 4 MiB. With more calls, one caller would make everybody else wait.
 */
const AT_WORK = 4
/** How many more calls of one caller may wait, and for how many milliseconds. */
const MOST_WAITING = 2_000
const PATIENCE_MS = 30_000

export const createCallTurns = (): CallerTurns =>
  new CallerTurns({
    atOnce: AT_WORK,
    mostWaiting: MOST_WAITING,
    patienceMs: PATIENCE_MS,
    refusal: () =>
      new EngineError(
        'RATE_LIMITED',
        `Your calls are answered ${AT_WORK} at a time, and this one has waited too long for its turn. Send fewer of them at once.`,
        { retryAfterSeconds: 1 },
      ),
  })
