import type { Ref } from 'react'
import { cn } from '../cn'
import { cellClass, type Column } from './columns'
import { Tick, type Ticking } from './tick'

/** What all rows of a table share. */
export interface RowLook<Row> {
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** True where the reader has chosen the column. It is then shown at every width of the window. */
  chosen: (key: string) => boolean
  ticking: Ticking<Row> | undefined
  dimmed?: (row: Row) => boolean
}

/** The look of a row that no longer matches the list's filter. Its text stays readable. */
export const DIMMED = 'bg-sunken italic **:text-faint!'

export function TableRow<Row>({
  row,
  look: { columns, chosen, ticking, dimmed },
  index,
  ref,
}: {
  row: Row
  look: RowLook<Row>
  /** The row's place in the whole list, from 0, for a table that draws only a part of its rows. */
  index?: number
  ref?: Ref<HTMLTableRowElement>
}) {
  return (
    <tr
      ref={ref}
      data-index={index}
      // Screen readers count from 1, and the head of the table is their first row.
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

/** Grey rows of the same shape, shown until the first answer arrives. */
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
            // Shapes of different widths look like text. They are the same each time, so nothing flickers.
            style={{ width: `${50 + ((i * 7 + c * 13) % 40)}%` }}
          />
        </td>
      ))}
    </tr>
  ))
}
