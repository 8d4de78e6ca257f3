'use client'

import { useEffect, type RefObject } from 'react'
import { isCovered } from '../modal'

/** Marks the link that opens a row. The keys j and k move between these links. */
const ROW_LINK = 'data-row-link'
/** Marks the link of a row that the key r follows. */
export const againLink = { 'data-again': '' }
/** For the link that opens a row where the row has other links, too. It does not cover the row. */
export const rowMark = { [ROW_LINK]: '' }
/** For the link that opens a row and covers it, so that a click anywhere in the row follows the link. */
export const rowLink = { [ROW_LINK]: '', className: 'after:absolute after:inset-0 outline-none' }

/**
 * Gives a table its keys. j and k move the focus to the link of the next or previous row, x ticks the row, and r opens
 * the form that runs its job again. All other keys, such as Enter, do what the browser does.
 * @param enabled true for the one table of a page that listens to keys.
 */
export function useRowKeys(container: RefObject<HTMLElement | null>, enabled: boolean) {
  useEffect(() => {
    if (!enabled) return
    const onKey = (event: KeyboardEvent) => {
      if (!['j', 'k', 'x', 'r'].includes(event.key) || !isCommand(event)) return
      if (event.key === 'x') {
        rowAt(container.current)?.querySelector<HTMLElement>('[data-tick]')?.click()
        return
      }
      if (event.key === 'r') {
        rowAt(container.current)?.querySelector<HTMLElement>('[data-again]')?.click()
        return
      }
      const links = [...(container.current?.querySelectorAll<HTMLElement>(`[${ROW_LINK}]`) ?? [])]
      if (links.length === 0) return
      const row = rowAt(container.current)
      const at = links.findIndex((link) => link.closest('tr, li') === row)
      const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + (event.key === 'j' ? 1 : -1)))]
      next?.focus({ preventScroll: true })
      next?.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [container, enabled])
}

/** The key `/` puts the cursor into the field that searches the table. It works even when the table is empty. */
export function useSearchKey(input: RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || !isCommand(event)) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [input])
}

/** The row whose link or tick has the focus. It is a row of the table, or on a phone a card (`li`). */
const rowAt = (container: HTMLElement | null) =>
  container?.contains(document.activeElement) ? (document.activeElement?.closest('tr, li') ?? null) : null

/**
 * True where a key is meant as a command. It is false where people type text, in menus and small windows, which have
 * keys of their own, and while a dialog covers the page. Checkboxes and radio buttons take no text, so keys pressed
 * there are commands.
 */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || isCovered()) return false
  const typing =
    event.target instanceof HTMLElement &&
    event.target.closest(
      'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu], [role=dialog]',
    )
  return !typing
}
