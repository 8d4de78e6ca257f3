'use client'

import { useCallback, useSyncExternalStore } from 'react'

/** What a reader has made of a table's columns. Kept in this browser. */
export interface ColumnChoice {
  /** By key: shown or left out. A column that is not named here is shown where there is room for it. */
  shown: Record<string, boolean>
  /** By key: width in pixels. */
  widths: Record<string, number>
}

export const NO_CHOICE: ColumnChoice = { shown: {}, widths: {} }

const keyOf = (table: string) => `jobyard.columns.${table}`
const listeners = new Set<() => void>()
/** The same text gives the same object, as React asks of a store. */
const known = new Map<string, ColumnChoice>()

/** The choice that was stored, or none: what cannot be read counts as none. */
export function readChoice(text: string | null): ColumnChoice {
  if (text === null) return NO_CHOICE
  const before = known.get(text)
  if (before) return before
  let choice = NO_CHOICE
  try {
    const { shown, widths } = JSON.parse(text) as Partial<ColumnChoice>
    choice = { shown: only(shown, 'boolean'), widths: only(widths, 'number') }
  } catch {
    // Written by another version, or by hand.
  }
  known.set(text, choice)
  return choice
}

function only<T>(values: Record<string, T> | undefined, type: 'boolean' | 'number'): Record<string, T> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => typeof value === type))
}

const stored = (table: string) => {
  try {
    return localStorage.getItem(keyOf(table))
  } catch {
    return null // Storage can be forbidden.
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

/** The reader's choice of columns for the table of this name, and what changes it. */
export function useColumnChoice(table: string) {
  const choice = useSyncExternalStore(
    subscribe,
    () => readChoice(stored(table)),
    () => NO_CHOICE,
  )
  const change = useCallback(
    (update: (before: ColumnChoice) => ColumnChoice) => {
      try {
        localStorage.setItem(keyOf(table), JSON.stringify(update(readChoice(stored(table)))))
      } catch {
        // Nothing can be kept here: the columns stay as they are.
      }
      for (const listener of listeners) listener()
    },
    [table],
  )
  return [choice, change] as const
}
