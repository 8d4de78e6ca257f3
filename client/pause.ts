/**
 * How long to wait before the nth repetition (from 0): `firstMs`, doubled each time up to `mostMs`,
 * times 0.5 to 1, so that many who failed together do not come back together.
 */
export function backoffMs(n: number, firstMs: number, mostMs: number, random = Math.random()): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(n, 30)) * (0.5 + random / 2)
}

/** Waits. @throws the signal's reason as soon as it fires */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
