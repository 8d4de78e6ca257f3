'use client'

import { useSyncExternalStore } from 'react'

/**
 * The state of the page's event stream. The indicator in the page's header shows it. `off`: the page follows nothing,
 * or may not. `connecting`: the stream is being opened, or is broken. `live`: events come. `delayed`: no stream is
 * free, so the page reads at intervals. `paused`: the tab is hidden and has closed its stream.
 */
export type LiveState = 'off' | 'connecting' | 'live' | 'delayed' | 'paused'

let state: LiveState = 'off'
const listeners = new Set<() => void>()

export function setLiveState(next: LiveState) {
  if (next === state) return
  state = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    subscribe,
    () => state,
    () => 'off',
  )
