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

/** While no timer runs, the last tick may be long ago. */
const present = () => (timer ? now : (now = Date.now()))

/**
 * The present time. A component renders again only every `stepMs`, so a column of "3h ago" costs nothing while seconds
 * pass. On the server it is 0.
 */
export function useNow(stepMs = 1000): number {
  return useStep(stepMs) === 0 ? 0 : now
}

/**
 * The present time, rounded down to a multiple of `stepMs`. It stays the same for the whole step, so it can be a part of
 * a question to the server. It is not for texts: compared with it, what has just happened lies in the future. On the
 * server it is 0.
 */
export function useStep(stepMs: number): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor(present() / stepMs) * stepMs,
    () => 0,
  )
}
