import { backoffSeconds } from './backoff'
import type { Failure } from './failure'

/** The facts that decide whether and when a job is tried again. */
export interface RetryPolicy {
  /** How many attempts had failed before the one that just failed. */
  failures: number
  maxRetries: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
}

/**
 * Seconds until the next try after a failed attempt. Null when there is none, because the error is PERMANENT or the
 * retries are used up (rule 4.6).
 *
 * @param random a number from 0 to below 1, such as `Math.random()` gives
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
