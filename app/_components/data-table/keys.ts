'use client'

import { useEffect, type RefObject } from 'react'

/** Marks the link that stands for its row: the whole row is its target, j and k move between them. */
const ROW_LINK = 'data-row-link'
export const rowLink = { [ROW_LINK]: '', className: 'after:absolute after:inset-0 outline-none' }

/**
 * The keys of a table: j and k put the focus on the next or previous row's link, and x ticks the row. Enter, and
 * every other key, is the browser's own.
 * @param enabled one table of a page listens.
 */
export function useRowKeys(container: RefObject<HTMLElement | null>, enabled: boolean) {
  useEffect(() => {
    if (!enabled) return
    const onKey = (event: KeyboardEvent) => {
      if (!['j', 'k', 'x'].includes(event.key) || !isCommand(event)) return
      if (event.key === 'x') {
        rowAt(container.current)?.querySelector<HTMLElement>('[data-tick]')?.click()
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

/** `/` puts the cursor into the field that searches the table, also where the table is empty. */
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

/** The row that the focus is in, be it on its link or on its tick. */
const rowAt = (container: HTMLElement | null) =>
  container?.contains(document.activeElement) ? (document.activeElement?.closest('tr, li') ?? null) : null

/** Keys mean text where text is typed, and menus have keys of their own. A box to tick takes no text. */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const typing =
    event.target instanceof HTMLElement &&
    event.target.closest(
      'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu], [role=dialog]',
    )
  return !typing
}
