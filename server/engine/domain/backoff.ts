/** However long an answer asks us to wait: a year. More would overflow somewhere else. */
export const MAX_DELAY_SECONDS = 31_536_000

export interface Backoff {
  /** Attempts that failed or timed out, the one just ended included: 1 after the first failure. */
  failures: number
  baseSeconds: number
  capSeconds: number
  /** What the failed attempt asked for; wins when it is longer. */
  retryAfterSeconds?: number | null
  /** Uniform in [0, 1): `Math.random()`. */
  random: number
}

/**
 * Seconds until the next try (rule 4.6): `min(cap, base × 2^(failures − 1)) × uniform(0.8, 1.2)`.
 * The jitter keeps jobs that failed together from coming back together. A base or cap of 0 is a
 * value, not a gap: the retry comes at once.
 *
 * @example backoffSeconds({ failures: 3, baseSeconds: 60, capSeconds: 960, random: 0.5 }) // 240
 */
export function backoffSeconds({ failures, baseSeconds, capSeconds, retryAfterSeconds, random }: Backoff): number {
  const base = Math.max(0, baseSeconds)
  // 0 × 2^2000 would be NaN.
  const grown = base === 0 ? 0 : Math.min(Math.max(0, capSeconds), base * 2 ** Math.max(0, failures - 1))
  const delay = Math.min(MAX_DELAY_SECONDS, grown * (0.8 + 0.4 * random))
  const asked = Math.min(MAX_DELAY_SECONDS, retryAfterSeconds ?? 0)
  return asked > delay ? asked : delay
}
