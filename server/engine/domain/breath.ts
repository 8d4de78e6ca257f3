/** As long as one request may keep all others waiting. */
const SLICE_MS = 8

/** Lets everybody else's work go on in between: long work awaits it at each of its steps. */
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
