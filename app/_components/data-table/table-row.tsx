import type { Ref } from 'react'
import { cn } from '../cn'
import { cellClass, type Column } from './columns'
import { Tick, type Ticking } from './tick'

/** What all rows of a table have in common. */
export interface RowLook<Row> {
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** True where the reader has chosen the column, so that it is there at every width. */
  chosen: (key: string) => boolean
  ticking: Ticking<Row> | undefined
  dimmed?: (row: Row) => boolean
}

/** Of a row that is no longer part of the answer. Its letters stay readable. */
export const DIMMED = 'bg-sunken italic **:text-faint!'

export function TableRow<Row>({
  row,
  look: { columns, chosen, ticking, dimmed },
  index,
  ref,
}: {
  row: Row
  look: RowLook<Row>
  /** Its place in the whole list, where only a part of it is drawn. */
  index?: number
  ref?: Ref<HTMLTableRowElement>
}) {
  return (
    <tr
      ref={ref}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
      data-dimmed={dimmed?.(row) || undefined}
      className={cn(
        'group relative h-row hover:bg-hover has-[[data-row-link]:focus-visible]:bg-accent-soft has-[[data-row-link]:focus-visible]:shadow-[inset_3px_0_0_var(--accent)]',
        dimmed?.(row) && DIMMED,
      )}
    >
      {ticking ? (
        <td className="border-b border-line pl-4">
          <Tick ticking={ticking} row={row} />
        </td>
      ) : null}
      {columns.map((column) => (
        <td key={column.key} className={cn('truncate border-b border-line', cellClass(column, chosen(column.key)))}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

/** Grey rows of the same shape, while the first answer is on its way. */
export function SkeletonRows<Row>({
  look: { columns, chosen, ticking },
  count,
}: {
  look: RowLook<Row>
  count: number
}) {
  return Array.from({ length: count }, (_, i) => (
    <tr key={i} className="h-row">
      {ticking ? (
        <td className="border-b border-line pl-4">
          <span className="skeleton block size-4" />
        </td>
      ) : null}
      {columns.map((column, c) => (
        <td key={column.key} className={cn('border-b border-line', cellClass(column, chosen(column.key)))}>
          <span
            className={cn('skeleton block h-3.5', column.align === 'right' && 'ml-auto', column.skeleton)}
            style={{ width: `${50 + ((i * 7 + c * 13) % 40)}%` }}
          />
        </td>
      ))}
    </tr>
  ))
}
