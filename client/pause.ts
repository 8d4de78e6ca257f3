/**
 * How long to wait before the nth repetition (from 0): `firstMs`, doubled each time up to `mostMs`,
 * times 0.5 to 1, so that many who failed together do not come back together.
 */
export function backoffMs(n: number, firstMs: number, mostMs: number, random = Math.random()): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(n, 30)) * (0.5 + random / 2)
}

/** Waits, as long as `after`. @throws the signal's reason as soon as it fires */
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

/** `setTimeout` counts in 32 bits, and takes a longer time for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Runs `work` after so many milliseconds, be they months; never where they are no finite number. Returns what calls it off. */
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
