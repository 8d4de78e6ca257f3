'use client'

import { useEffect, useRef, type ReactNode } from 'react'
import { cn } from '../cn'
import { useMedia } from '../use-media'

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
  /** Rows can be ticked, to act on several at once. */
  selection?: RowSelection<Row>
}

export interface RowSelection<Row> {
  has: (row: Row) => boolean
  set: (rows: readonly Row[], on: boolean) => void
  /** What a tick stands for, for those who cannot see the row. */
  label: (row: Row) => string
}

/** Marks the link that stands for its row: the whole row is its target, j and k move between them. */
const ROW_LINK = 'data-row-link'
export const rowLink = { [ROW_LINK]: '', className: 'after:absolute after:inset-0 outline-none' }

/** The one table. */
export function DataTable<Row>({ caption, columns, rows, rowKey, card, loading, stale, selection }: Props<Row>) {
  const container = useRef<HTMLDivElement>(null)
  const phone = useMedia('(max-width: 767px)')
  useRowKeys(container)

  if (phone) {
    return (
      <div ref={container}>
        <ul
          aria-label={caption}
          aria-busy={loading || stale}
          className={cn('divide-y divide-line', stale && 'opacity-60')}
        >
          {loading
            ? Array.from({ length: 8 }, (_, i) => (
                <li key={i} className="px-4 py-3.5">
                  <span className="skeleton block h-4 w-2/3" />
                  <span className="skeleton mt-2 block h-3 w-2/5" />
                </li>
              ))
            : rows.map((row) => (
                <li
                  key={rowKey(row)}
                  className="relative flex gap-3 px-4 py-3 has-focus-visible:bg-accent-soft active:bg-hover"
                >
                  {selection ? <Tick selection={selection} row={row} /> : null}
                  <div className="min-w-0 flex-1">{card(row)}</div>
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
            {selection ? (
              <th scope="col" className="h-9 w-10 border-b border-line pl-4">
                <TickAll selection={selection} rows={rows} />
              </th>
            ) : null}
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cn(
                  'h-9 border-b border-line px-2 text-xs font-medium text-faint first:pl-4 last:pr-4',
                  column.className,
                )}
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
                  {selection ? <td className="border-b border-line" /> : null}
                  {columns.map((column, c) => (
                    <td
                      key={column.key}
                      className={cn('border-b border-line px-2 first:pl-4 last:pr-4', column.className)}
                    >
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
                  {selection ? (
                    <td className="border-b border-line pl-4">
                      <Tick selection={selection} row={row} />
                    </td>
                  ) : null}
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

const TICK = 'relative z-10 block size-4 accent-(--accent) pointer-coarse:size-5'

/** Above the row's link, which covers the row. A little room around it belongs to it, too. */
function Tick<Row>({ selection, row }: { selection: RowSelection<Row>; row: Row }) {
  return (
    <label className="relative z-10 -m-2 block w-fit p-2">
      <span className="sr-only">{selection.label(row)}</span>
      <input
        type="checkbox"
        data-tick
        className={TICK}
        checked={selection.has(row)}
        onChange={(event) => selection.set([row], event.target.checked)}
      />
    </label>
  )
}

function TickAll<Row>({ selection, rows }: { selection: RowSelection<Row>; rows: Row[] }) {
  const ticked = rows.filter((row) => selection.has(row)).length
  const all = rows.length > 0 && ticked === rows.length
  return (
    <label className="-m-2 block w-fit p-2">
      <span className="sr-only">Select all on this page</span>
      <input
        type="checkbox"
        className={TICK}
        checked={all}
        ref={(input) => {
          if (input) input.indeterminate = ticked > 0 && !all
        }}
        onChange={(event) => selection.set(rows, event.target.checked)}
      />
    </label>
  )
}

/** j and k put the focus on the next or previous row's link, and x ticks it; Enter, and every other key, is the browser's own. */
function useRowKeys(container: React.RefObject<HTMLElement | null>) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!['j', 'k', 'x'].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target)) return
      if (event.key === 'x') {
        rowAt(container.current)?.querySelector<HTMLElement>('[data-tick]')?.click()
        return
      }
      const links = [...(container.current?.querySelectorAll<HTMLElement>(`[${ROW_LINK}]`) ?? [])]
      if (links.length === 0) return
      const row = rowAt(container.current)
      const at = links.findIndex((link) => link.closest('tr, li') === row)
      const next = at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + (event.key === 'j' ? 1 : -1)))
      links[next]?.focus({ preventScroll: true })
      links[next]?.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [container])
}

/** The row that the focus is in, be it on its link or on its tick. */
const rowAt = (container: HTMLElement | null) =>
  container?.contains(document.activeElement) ? (document.activeElement?.closest('tr, li') ?? null) : null

/** Keys mean text where text is typed, and menus have keys of their own. A box to tick takes no text. */
export function isTyping(target: EventTarget | null) {
  return (
    target instanceof HTMLElement &&
    target.closest(
      'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu], [role=dialog]',
    ) !== null
  )
}
