/**
 * How many milliseconds to wait before the nth repetition, counted from 0. It is `firstMs`, doubled each time up to
 * `mostMs`. It is then shortened by chance to no less than half, so that callers who failed together do not come back
 * together.
 */
export function backoffMs(n: number, firstMs: number, mostMs: number, random = Math.random()): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(n, 30)) * (0.5 + random / 2)
}

/**
 * Waits for `ms` milliseconds, which may be longer than `setTimeout` allows.
 * @throws the signal's reason as soon as it fires
 */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const stop = () => {
      callOff()
      reject(signal?.reason as Error)
    }
    const callOff = after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** `setTimeout` counts in 32 bits. A longer time would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Runs `work` after `ms` milliseconds, even if that is months. It never runs if `ms` is no finite number. Returns a
 * function that calls it off.
 */
export function after(ms: number, work: () => void): () => void {
  if (!Number.isFinite(ms)) return () => undefined
  let left = ms
  let timer: ReturnType<typeof setTimeout>
  const arm = () => {
    const next = Math.min(left, LONGEST_TIMER_MS)
    left -= next
    timer = setTimeout(left > 0 ? arm : work, next)
  }
  arm()
  return () => clearTimeout(timer)
}
