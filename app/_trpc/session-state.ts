'use client'

import { useSyncExternalStore } from 'react'

/**
 * Whether the session of this page has ended: the server refuses its calls as signed out. `leaving`: the person has
 * signed out here, and the sign-in page is on its way. Nobody has to be told then.
 */
type SessionState = 'on' | 'ended' | 'leaving'

let state: SessionState = 'on'
const listeners = new Set<() => void>()

function set(next: SessionState) {
  if (next === state || state === 'leaving') return
  state = next
  for (const listener of listeners) listener()
}

/** A call was refused as signed out. However many are, the page asks for the password once. */
export const sessionEnded = () => set('ended')
/** The same person has signed in again. */
export const sessionIsBack = () => set('on')
/** The page goes to the sign-in page because somebody wanted it. */
export const leavingSession = () => set('leaving')

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const useSessionEnded = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => state === 'ended',
    () => false,
  )

// The browser's back button can bring the page back as it was.
if (typeof window !== 'undefined')
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && state === 'leaving') state = 'on'
  })
