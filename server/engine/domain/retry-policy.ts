import { backoffSeconds } from './backoff'
import type { Failure } from './failure'

/** What decides whether, and when, a job is tried again. */
export interface RetryPolicy {
  /** Before the attempt that just failed. */
  failures: number
  maxRetries: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
}

/**
 * Seconds until the next try after a failed attempt, or null when there is none: the error is
 * PERMANENT, or retries are used up (rule 4.6).
 *
 * @param random uniform in [0, 1): `Math.random()`.
 */
export function retryDelay(
  policy: RetryPolicy,
  failure: Pick<Failure, 'class' | 'retryAfterSeconds'>,
  random: number,
): number | null {
  const failures = policy.failures + 1
  if (failure.class === 'PERMANENT' || failures > policy.maxRetries) return null
  return backoffSeconds({
    failures,
    baseSeconds: policy.backoffBaseSeconds,
    capSeconds: policy.backoffCapSeconds,
    retryAfterSeconds: failure.retryAfterSeconds,
    random,
  })
}
