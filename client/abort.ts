/**
 * Settles as `work` does, or rejects with the signal's reason as soon as the signal fires. It does so even if `work`
 * does not notice the signal. In Node 20 the garbage collector can detach the signal from `fetch` (undici #4627, where
 * `redirect` is `error`). Then neither a timeout nor the caller could end the call.
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
