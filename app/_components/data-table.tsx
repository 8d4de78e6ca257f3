'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { cn } from './cn'
import { useMedia } from './use-media'

export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** Width and alignment; also `hidden xl:table-cell` for what narrow windows do without. */
  className?: string
}

interface Props<Row> {
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  /** On a phone a row is a card: a table squeezed to 390 pixels helps nobody. */
  card: (row: Row) => ReactNode
  /** Rows of grey while the first answer is on its way. */
  loading?: boolean
  /** The rows belong to an earlier question; the new answer is on its way. */
  stale?: boolean
}

/** Marks the link that stands for its row: the whole row is its target, j and k move between them. */
export const ROW_LINK = 'data-row-link'
export const rowLink = { [ROW_LINK]: '', className: 'after:absolute after:inset-0 outline-none' }

/** The one table. */
export function DataTable<Row>({ caption, columns, rows, rowKey, card, loading, stale }: Props<Row>) {
  const container = useRef<HTMLDivElement>(null)
  const phone = useMedia('(max-width: 767px)')
  useRowKeys(container)

  if (phone) {
    return (
      <div ref={container}>
        <ul aria-label={caption} aria-busy={loading || stale} className={cn('divide-y divide-line', stale && 'opacity-60')}>
          {loading
            ? Array.from({ length: 8 }, (_, i) => (
                <li key={i} className="px-4 py-3.5">
                  <span className="skeleton block h-4 w-2/3" />
                  <span className="skeleton mt-2 block h-3 w-2/5" />
                </li>
              ))
            : rows.map((row) => (
                <li key={rowKey(row)} className="relative px-4 py-3 has-focus-visible:bg-accent-soft active:bg-hover">
                  {card(row)}
                </li>
              ))}
        </ul>
      </div>
    )
  }

  return (
    <div ref={container} className="overflow-x-auto">
      <table aria-busy={loading || stale} className="w-full table-fixed text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cn('h-9 border-b border-line px-2 text-xs font-medium text-faint first:pl-4 last:pr-4', column.className)}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={cn('transition-opacity', stale && 'opacity-60')}>
          {loading
            ? Array.from({ length: 12 }, (_, i) => (
                <tr key={i} className="h-row">
                  {columns.map((column, c) => (
                    <td key={column.key} className={cn('border-b border-line px-2 first:pl-4 last:pr-4', column.className)}>
                      <span className="skeleton block h-3.5" style={{ maxWidth: `${50 + ((i * 7 + c * 13) % 40)}%` }} />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row) => (
                <tr
                  key={rowKey(row)}
                  className="group relative h-row hover:bg-hover has-[[data-row-link]:focus-visible]:bg-accent-soft has-[[data-row-link]:focus-visible]:shadow-[inset_3px_0_0_var(--accent)]"
                >
                  {columns.map((column) => (
                    <td
                      key={column.key}
                      className={cn('truncate border-b border-line px-2 first:pl-4 last:pr-4', column.className)}
                    >
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  )
}

/** j and k put the focus on the next or previous row's link, so Enter, and every other key, is the browser's own. */
function useRowKeys(container: React.RefObject<HTMLElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.key !== 'j' && event.key !== 'k') || event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target)) return
      const links = [...(container.current?.querySelectorAll<HTMLElement>(`[${ROW_LINK}]`) ?? [])]
      if (links.length === 0) return
      const at = links.indexOf(document.activeElement as HTMLElement)
      const next = at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + (event.key === 'j' ? 1 : -1)))
      links[next]?.focus({ preventScroll: true })
      links[next]?.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [container])
}

/** Keys mean text where text is typed, and menus have keys of their own. */
export function isTyping(target: EventTarget | null) {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]') !== null
}
