'use client'

import { useTable, type Header } from '@tanstack/react-table'
import dynamic from 'next/dynamic'
import { useMemo, useRef, type ReactNode } from 'react'
import { cn } from '../cn'
import { useMedia } from '../use-media'
import { Cards } from './cards'
import { useColumnChoice } from './column-choice'
import { cellClass, columnDefs, features, type Column, type Features } from './columns'
import { useRowKeys } from './keys'
import type { RowSelection } from './selection'
import { SkeletonRows, TableRow, type RowLook } from './table-row'
import { TickAll, useTicking } from './tick'

/** From so many rows on only those in sight are drawn. What does that is fetched when first needed. */
const MANY = 100
const VirtualRows = dynamic(() => import('./virtual-rows'), { ssr: false }) as typeof import('./virtual-rows').default

interface Props<Row> {
  /** Under this name the reader's choice of columns is kept. */
  name: string
  caption: string
  columns: readonly Column<Row>[]
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
  /** j, k and x work in it. On a page with several tables, in one of them. */
  keyboard?: boolean
}

/** The one table. */
export function DataTable<Row extends object>(props: Props<Row>) {
  const { caption, rows, rowKey, card, loading, stale, keyboard = false } = props
  const container = useRef<HTMLDivElement>(null)
  const phone = useMedia('(max-width: 767px)')
  const ticking = useTicking(props.selection, rows, rowKey)
  useRowKeys(container, keyboard)
  return (
    <div ref={container} className={phone ? undefined : 'overflow-x-auto'}>
      {phone ? (
        <Cards {...{ caption, rows, rowKey, card, loading, stale, ticking }} />
      ) : (
        <Table {...props} ticking={ticking} />
      )}
    </div>
  )
}

function Table<Row extends object>({
  name,
  caption,
  columns,
  rows,
  rowKey,
  loading,
  stale,
  selection,
  ticking,
}: Props<Row> & { ticking: RowLook<Row>['ticking'] }) {
  const [choice, change] = useColumnChoice(name)
  const defs = useMemo(() => columnDefs(columns), [columns])
  const table = useTable({
    features,
    columns: defs,
    data: rows,
    getRowId: rowKey,
    columnResizeMode: 'onChange',
    state: { columnVisibility: choice.shown, columnSizing: choice.widths },
    onColumnSizingChange: (update) =>
      change((before) => ({
        ...before,
        widths: typeof update === 'function' ? update(before.widths) : update,
      })),
  })
  const shown = columns.filter(({ key }) => choice.shown[key] !== false)
  const look: RowLook<Row> = { columns: shown, rowKey, ticking, chosen: (key) => choice.shown[key] === true }
  const many = rows.length > MANY
  // Columns that were made wider must not squeeze the one that takes the rest: the table grows, and scrolls sideways.
  const sized = Object.keys(choice.widths).length > 0
  const least = () =>
    table
      .getVisibleLeafColumns()
      .filter(({ id }) => look.chosen(id) || !shown.find(({ key }) => key === id)?.from)
      .reduce((sum, column) => sum + column.getSize(), 0)
  return (
    <table
      aria-busy={loading || stale}
      aria-rowcount={many ? rows.length + 1 : undefined}
      className="w-full table-fixed text-left text-sm"
      style={sized ? { minWidth: least() } : undefined}
    >
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {selection ? (
            <th scope="col" className="h-9 w-10 border-b border-line pl-4">
              <TickAll selection={selection} rows={rows} />
            </th>
          ) : null}
          {table.getFlatHeaders().map((header) => {
            const column = shown.find(({ key }) => key === header.column.id)
            return column ? (
              <HeaderCell key={header.id} header={header} column={column} chosen={look.chosen(column.key)} />
            ) : null
          })}
        </tr>
      </thead>
      <tbody className={cn('transition-opacity', stale && 'opacity-60')}>
        {loading ? (
          <SkeletonRows look={look} count={12} />
        ) : many ? (
          <VirtualRows rows={rows} look={look} />
        ) : (
          rows.map((row) => <TableRow key={rowKey(row)} row={row} look={look} />)
        )}
      </tbody>
    </table>
  )
}

/** How far an arrow key moves the edge of a column, in pixels. */
const STEP = 16

/** The head of a column. Its edge can be dragged, or moved by arrow keys; a double click puts it back. */
function HeaderCell<Row extends object>({
  header,
  column,
  chosen,
}: {
  header: Header<Features, Row>
  column: Column<Row>
  chosen: boolean
}) {
  const width = header.column.getSize()
  const resizes = header.column.getCanResize()
  const startDrag = header.getResizeHandler()
  const setWidth = (next: number) =>
    header.table.setColumnSizing((before) => ({
      ...before,
      [column.key]: Math.max(header.column.columnDef.minSize ?? 0, next),
    }))
  return (
    <th
      scope="col"
      aria-label={column.header}
      className={cn(
        'group/head relative h-9 border-b border-line text-xs font-medium text-faint',
        cellClass(column, chosen),
      )}
      style={resizes ? { width } : undefined}
    >
      <span className="block truncate">{column.header}</span>
      {resizes ? (
        <span
          role="separator"
          aria-orientation="vertical"
          aria-label={`Width of ${column.header}`}
          aria-valuenow={Math.round(width)}
          aria-valuemin={header.column.columnDef.minSize}
          tabIndex={0}
          className="absolute inset-y-1.5 right-0 w-2 cursor-col-resize touch-none border-r border-transparent select-none group-hover/head:border-line focus-visible:border-accent hover:border-accent!"
          onMouseDown={startDrag}
          onTouchStart={startDrag}
          onDoubleClick={() => header.column.resetSize()}
          onKeyDown={(event) => {
            const by = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0
            if (by === 0) return
            event.preventDefault()
            setWidth(width + by)
          }}
        />
      ) : null}
    </th>
  )
}
