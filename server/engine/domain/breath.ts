/** Milliseconds that one request may keep all other requests waiting. */
const SLICE_MS = 8

/**
 * Makes a function that long computations await at each of their steps. When the time is up, it lets other work go on
 * first.
 */
export function createBreath(now: () => number = () => performance.now()): () => Promise<void> | undefined {
  let since = now()
  return () => {
    if (now() - since < SLICE_MS) return undefined
    return new Promise((resolve) =>
      setImmediate(() => {
        since = now()
        resolve()
      }),
    )
  }
}
