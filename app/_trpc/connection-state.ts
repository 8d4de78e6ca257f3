'use client'

import { useSyncExternalStore } from 'react'
import { watchConnection, type Connection } from './connection'

let state: Connection = 'ok'
const listeners = new Set<() => void>()

const connection = watchConnection({
  online: () => navigator.onLine,
  reach: () =>
    fetch('/api/health/live', { cache: 'no-store', signal: AbortSignal.timeout(4000) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  onChange(next) {
    state = next
    for (const listener of listeners) listener()
  },
})

/** A call got no answer, or the stream of events broke. */
export const connectionLost = () => connection.lost()

/** Calls back whenever the connection is lost or returns. The returned function ends this. */
export function onConnection(listener: () => void): () => void {
  // These stay for as long as the page is open. They are added again when all listeners have gone and one comes back,
  // which changes nothing.
  if (listeners.size === 0) {
    window.addEventListener('online', lookIfVisible)
    window.addEventListener('offline', lookIfVisible)
    document.addEventListener('visibilitychange', lookIfVisible)
  }
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
function lookIfVisible() {
  if (!document.hidden) connection.look()
}

export const connectionNow = (): Connection => state
export const useConnection = (): Connection => useSyncExternalStore(onConnection, connectionNow, () => 'ok')

/**
 * `fetch` for calls of the API. It reports a call that got no answer as a lost connection, unless the page itself ended
 * that call.
 */
export const noticingFetch: typeof fetch = async (input, init) => {
  try {
    return await fetch(input, init)
  } catch (error) {
    if (!init?.signal?.aborted) connectionLost()
    throw error
  }
}
