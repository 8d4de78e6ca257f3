'use client'

import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'

/** Something that the page can do, listed in the command palette. */
export interface PageAction {
  /** What the action does, beginning with a verb. */
  label: string
  run: () => void
  /** The key that does the same, where there is one. */
  keys?: string
}

const NONE: readonly PageAction[] = []
let actions = NONE
const listeners = new Set<() => void>()
const set = (next: readonly PageAction[]) => {
  actions = next
  for (const listener of listeners) listener()
}

/** Adds these actions to the command palette while the page is open. */
export function usePageActions(given: readonly PageAction[]) {
  const run = useEffectEvent((label: string) => given.find((one) => one.label === label)?.run())
  const labels = given.map(({ label, keys }) => `${label}\n${keys ?? ''}`).join('\n\n')
  useEffect(() => {
    set(
      labels
        .split('\n\n')
        .filter(Boolean)
        .map((text) => {
          const [label, keys] = text.split('\n') as [string, string]
          return { label, run: () => run(label), ...(keys ? { keys } : {}) }
        }),
    )
    return () => set(NONE)
  }, [labels])
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The actions of the page that is open. */
export const useOpenActions = () =>
  useSyncExternalStore(
    subscribe,
    () => actions,
    () => NONE,
  )
