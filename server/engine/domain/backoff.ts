/**
 * A year. A failure may ask for a longer wait, as a service does by Retry-After, but the engine does not wait longer: a
 * larger number could overflow where times are computed.
 */
export const MAX_DELAY_SECONDS = 31_536_000

export interface Backoff {
  /** Attempts that failed or timed out, with the one that just ended. It is 1 after the first failure. */
  failures: number
  baseSeconds: number
  capSeconds: number
  /** The delay that the failed attempt asked for. It is used when it is longer than the computed delay. */
  retryAfterSeconds?: number | null
  /** A random number from 0 to below 1, such as `Math.random()` gives. */
  random: number
}

/**
 * Seconds until the next try (rule 4.6): `min(cap, base × 2^(failures − 1)) × uniform(0.8, 1.2)`. The random factor
 * keeps jobs that failed together from coming back together. A base or cap of 0 is taken as it is: the retry comes at
 * once.
 *
 * @example backoffSeconds({ failures: 3, baseSeconds: 60, capSeconds: 960, random: 0.5 }) // 240
 */
export function backoffSeconds({ failures, baseSeconds, capSeconds, retryAfterSeconds, random }: Backoff): number {
  const base = Math.max(0, baseSeconds)
  // 2^2000 is Infinity, and 0 × Infinity would be NaN.
  const grown = base === 0 ? 0 : Math.min(Math.max(0, capSeconds), base * 2 ** Math.max(0, failures - 1))
  const delay = Math.min(MAX_DELAY_SECONDS, grown * (0.8 + 0.4 * random))
  const asked = Math.min(MAX_DELAY_SECONDS, retryAfterSeconds ?? 0)
  return asked > delay ? asked : delay
}
