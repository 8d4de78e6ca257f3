'use client'

import { memo } from 'react'
import { ROW_HEIGHT } from './columns'
import { TableRow, type RowLook } from './table-row'
import { useItemsInSight } from './use-items-in-sight'

/**
 * How many rows are drawn above and below those in sight. So the next row is always there when somebody presses `j`.
 */
const AROUND = 12

/** While the list is scrolled, only the rows that come into sight are drawn anew. */
const Row = memo(TableRow<unknown>)

/**
 * The rows of a long list. Only those in sight are drawn. Empty rows above and below stand for the others, so that the
 * page keeps its height.
 */
export default function VirtualRows<Row>({ rows, look }: { rows: readonly Row[]; look: RowLook<Row> }) {
  const { start, items, measure, above, below } = useItemsInSight<HTMLTableRowElement, HTMLTableRowElement>({
    count: rows.length,
    height: ROW_HEIGHT,
    key: (index) => look.rowKey(rows[index]!),
    around: AROUND,
  })
  return (
    <>
      <tr ref={start} aria-hidden style={{ height: above }} />
      {items.map((item) => (
        <Row key={item.key} ref={measure} index={item.index} row={rows[item.index]!} look={look as RowLook<unknown>} />
      ))}
      <tr aria-hidden style={{ height: below }} />
    </>
  )
}
