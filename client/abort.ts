/**
 * What `work` comes to, or the signal's reason as soon as it fires, whether `work` heard of it or not:
 * in Node 20 `fetch` can lose its signal to the garbage collector (undici #4627, where `redirect` is
 * `error`), and then neither a timeout nor its caller ends it.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let stop!: () => void
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop))
}
