'use client'

import { useCallback, useSyncExternalStore } from 'react'

/** How a reader has arranged the columns of a table. It is kept in this browser. */
export interface ColumnChoice {
  /**
   * Whether each column is shown, by the column's key. For a column that is not named here, the column itself decides
   * (`optional` and `from` in columns.ts).
   */
  shown: Record<string, boolean>
  /** The width of each column in pixels, by the column's key. */
  widths: Record<string, number>
}

export const NO_CHOICE: ColumnChoice = { shown: {}, widths: {} }

const keyOf = (table: string) => `jobyard.columns.${table}`
const listeners = new Set<() => void>()
/** What was read from each stored text. React needs the same object for the same text, or it would render for ever. */
const known = new Map<string, ColumnChoice>()

/** Reads a stored choice. Text that cannot be read counts as no choice. */
export function readChoice(text: string | null): ColumnChoice {
  if (text === null) return NO_CHOICE
  const before = known.get(text)
  if (before) return before
  let choice = NO_CHOICE
  try {
    const { shown, widths } = JSON.parse(text) as Partial<ColumnChoice>
    choice = { shown: onlyOfType(shown, 'boolean'), widths: onlyOfType(widths, 'number') }
  } catch {
    // Another version, or a person, has written something else.
  }
  known.set(text, choice)
  return choice
}

function onlyOfType<T>(values: Record<string, T> | undefined, type: 'boolean' | 'number'): Record<string, T> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => typeof value === type))
}

const stored = (table: string) => {
  try {
    return localStorage.getItem(keyOf(table))
  } catch {
    return null // The browser may forbid storage.
  }
}

/** Hears of changes in this tab, and by the event `storage` of those in other tabs. */
function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

/** The reader's choice of columns for the table of this name, and a function that changes it. */
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
        // The browser forbids storage, so the columns stay as they are.
      }
      for (const listener of listeners) listener()
    },
    [table],
  )
  return [choice, change] as const
}
