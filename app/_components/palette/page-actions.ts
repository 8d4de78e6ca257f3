'use client'

import { useEffect, useEffectEvent, useId, useSyncExternalStore } from 'react'

/** Something that the page can do, listed in the command palette. */
export interface PageAction {
  /** What the action does, beginning with a verb. */
  label: string
  run: () => void
  /** The key that does the same, where there is one. */
  keys?: string
}

const NONE: readonly PageAction[] = []
/** The actions of each part of the page that offers some. */
const offered = new Map<string, readonly PageAction[]>()
let actions = NONE
const listeners = new Set<() => void>()
const set = (part: string, next: readonly PageAction[]) => {
  if (next.length > 0) offered.set(part, next)
  else offered.delete(part)
  actions = [...offered.values()].flat()
  for (const listener of listeners) listener()
}

/** Adds these actions to the command palette while this part of the page is shown. */
export function usePageActions(given: readonly PageAction[]) {
  const part = useId()
  const run = useEffectEvent((label: string) => given.find((one) => one.label === label)?.run())
  // As one text, so that the palette is told again only when a label or a key changes.
  const texts = JSON.stringify(given.map(({ label, keys }) => ({ label, keys })))
  useEffect(() => {
    const told = JSON.parse(texts) as Omit<PageAction, 'run'>[]
    set(
      part,
      told.map((action) => ({ ...action, run: () => run(action.label) })),
    )
    return () => set(part, NONE)
  }, [part, texts])
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
