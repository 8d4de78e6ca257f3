'use client'

import { useSyncExternalStore } from 'react'

/**
 * Whether the session of this page has ended. `ended`: the server refuses calls as signed out. `leaving`: the person
 * has signed out here, and the sign-in page is about to open. Then nobody is asked for the password.
 */
type SessionState = 'on' | 'ended' | 'leaving'

let state: SessionState = 'on'
const listeners = new Set<() => void>()

function set(next: SessionState) {
  // Calls that are refused while the page leaves change nothing.
  if (next === state || state === 'leaving') return
  state = next
  for (const listener of listeners) listener()
}

/** A call was refused as signed out. The page asks for the password once, however many calls are refused. */
export const sessionEnded = () => set('ended')
/** The same person has signed in again. */
export const sessionIsBack = () => set('on')
/** The page leaves for the sign-in page, because the person wanted it. */
export const leavingSession = () => set('leaving')

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const sessionHasEnded = (): boolean => state === 'ended'

export const useSessionEnded = (): boolean => useSyncExternalStore(subscribe, sessionHasEnded, () => false)

// The browser's Back button can bring back the page with the state that it had.
if (typeof window !== 'undefined')
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && state === 'leaving') state = 'on'
  })
