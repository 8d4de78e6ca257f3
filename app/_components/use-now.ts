'use client'

import { useSyncExternalStore } from 'react'

// One timer serves all clocks on the page. It stands still while no clock is shown, and while the tab is hidden.
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = 0

function tick() {
  now = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  if (!timer) {
    now = Date.now()
    timer = setInterval(() => {
      if (!document.hidden) tick()
    }, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/**
 * The present time in steps of `stepMs`. A component renders again only when its step changes, so a column of "3h ago"
 * costs nothing while seconds pass. On the server it is 0.
 */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor((now || (now = Date.now())) / stepMs) * stepMs,
    () => 0,
  )
}
