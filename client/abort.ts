/**
 * Settles as `work` does, or rejects with the signal's reason as soon as the signal fires. It does so even if `work`
 * does not hear of the signal: in Node 20 the garbage collector can take the signal away from `fetch` (undici #4627,
 * where `redirect` is `error`). Then neither a timeout nor the caller could end the call.
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
