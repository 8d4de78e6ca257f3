import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'

/** Counts the calls of API keys in this process (docs/decisions/0022). */
export interface CallLimits {
  /**
   * Takes one call off what the key may call in this second. People are not counted.
   * @throws EngineError RATE_LIMITED with the seconds to wait
   */
  take(principal: Pick<Principal, 'id' | 'callsPerSecond'>): Promise<void>
}

export function createCallLimits(): CallLimits {
  // One for each limit that keys have; it counts each key by itself.
  const limiters = new Map<number, RateLimiterMemory>()
  const limiterOf = (points: number) => {
    const limiter = limiters.get(points) ?? new RateLimiterMemory({ points, duration: 1 })
    limiters.set(points, limiter)
    return limiter
  }
  return {
    async take({ id, callsPerSecond }) {
      if (callsPerSecond === null) return
      try {
        await limiterOf(callsPerSecond).consume(id)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        throw new EngineError('RATE_LIMITED', `This API key may call ${callsPerSecond} times a second. Try again in a moment, or ask for a higher limit.`, {
          retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)),
        })
      }
    },
  }
}
