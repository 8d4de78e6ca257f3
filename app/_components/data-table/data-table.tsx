'use client'

import { useTable } from '@tanstack/react-table'
import dynamic from 'next/dynamic'
import { useMemo, useRef, type ReactNode } from 'react'
import { cn } from '../cn'
import { useMedia } from '../use-media'
import { Cards } from './cards'
import { useColumnChoice } from './column-choice'
import { columnDefs, features, isDrawn, MANY, ROW_HEIGHT, type Column } from './columns'
import { HeaderCell } from './header-cell'
import { useRowKeys } from './keys'
import type { RowSelection } from './selection'
import { SkeletonRows, TableRow, type RowLook } from './table-row'
import { TickAll, useTicking } from './tick'
import { useFirstRows } from './use-first-rows'

// The code of long tables is loaded when it is first needed. `dynamic` loses that the component works for any kind of
// row, so its type is given back to it.
const VirtualRows = dynamic(() => import('./virtual-rows'), { ssr: false }) as typeof import('./virtual-rows').default

interface Props<Row> {
  /** The reader's choice of columns is kept under this name. */
  name: string
  caption: string
  columns: readonly Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  /** Draws a row as a card on a phone, where a table would be too narrow to read. */
  card: (row: Row) => ReactNode
  /** The first answer is on its way. Grey rows stand in for it. */
  loading?: boolean
  /**
   * How many grey rows are drawn. It should be about the number of rows that will come, so that the page moves little
   * when they arrive.
   */
  skeletonRows?: number
  /** The rows answer an earlier question, and the new answer is on its way. */
  stale?: boolean
  /**
   * True for a row that no longer matches the question. It stays in place, greyed, so that the list does not move under
   * the reader.
   */
  dimmed?: (row: Row) => boolean
  /** Lets the reader tick rows, to act on several at once. */
  selection?: RowSelection<Row>
  /** The keys j, k, x and r work in this table. Only one table of a page may have them. */
  keyboard?: boolean
}

/**
 * The table that lists of objects share, such as those of jobs and members. Pages draw small tables of figures
 * themselves.
 */
export function DataTable<Row extends object>(props: Props<Row>) {
  const { caption, rows, rowKey, card, loading, stale, skeletonRows, dimmed, keyboard = false } = props
  const container = useRef<HTMLDivElement>(null)
  const phone = useMedia('(max-width: 767px)')
  const ticking = useTicking(props.selection, rows, rowKey)
  useRowKeys(container, keyboard)
  return (
    <div ref={container} className={phone ? undefined : 'overflow-x-auto'}>
      {phone ? (
        <Cards {...{ caption, rows, rowKey, card, loading, stale, skeletonRows, dimmed, ticking }} />
      ) : (
        <Table {...props} ticking={ticking} />
      )}
    </div>
  )
}

function Rows<Row>({ rows, look }: { rows: readonly Row[]; look: RowLook<Row> }) {
  const { drawn, toCome } = useFirstRows(rows)
  return (
    <>
      {drawn.map((row) => (
        <TableRow key={look.rowKey(row)} row={row} look={look} />
      ))}
      {toCome > 0 ? <tr aria-hidden style={{ height: toCome * ROW_HEIGHT }} /> : null}
    </>
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
  skeletonRows = 12,
  dimmed,
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
    state: {
      columnVisibility: Object.fromEntries(columns.map((column) => [column.key, isDrawn(column, choice.shown)])),
      columnSizing: choice.widths,
    },
    onColumnSizingChange: (update) =>
      change((before) => ({
        ...before,
        widths: typeof update === 'function' ? update(before.widths) : update,
      })),
  })
  const shown = columns.filter((column) => isDrawn(column, choice.shown))
  const look: RowLook<Row> = { columns: shown, rowKey, ticking, dimmed, chosen: (key) => choice.shown[key] === true }
  const many = rows.length > MANY
  // When the reader has changed a width, the table may grow and scroll sideways. Otherwise the column without a width
  // would be squeezed.
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
              <HeaderCell
                key={header.id}
                column={column}
                chosen={look.chosen(column.key)}
                width={header.column.getSize()}
                onWidth={(width) => table.setColumnSizing((before) => ({ ...before, [column.key]: width }))}
                onReset={() => header.column.resetSize()}
              />
            ) : null
          })}
        </tr>
      </thead>
      <tbody className={cn('transition-opacity', stale && 'opacity-60')}>
        {loading ? (
          <SkeletonRows look={look} count={skeletonRows} />
        ) : many ? (
          <VirtualRows rows={rows} look={look} />
        ) : (
          <Rows rows={rows} look={look} />
        )}
      </tbody>
    </table>
  )
}
