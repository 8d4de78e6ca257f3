'use client'

import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useLayoutEffect, useRef, useState } from 'react'
import { TableRow, type RowLook } from './table-row'

/** The height of a row in pixels before it is measured. It is `h-row` in tailwind.config.ts. */
const ROW_HEIGHT = 36
/**
 * How many rows are drawn above and below those in sight. So the next row is always there when somebody presses `j`.
 */
const OVERSCAN = 12

/** While the list is scrolled, only the rows that come into sight are drawn anew. */
const Row = memo(TableRow<unknown>)

/**
 * The rows of a long list. Only those in sight are drawn. Empty rows above and below stand for the others, so that the
 * page keeps its height.
 */
export default function VirtualRows<Row>({ rows, look }: { rows: readonly Row[]; look: RowLook<Row> }) {
  const start = useRef<HTMLTableRowElement>(null)
  const [scrollMargin, setScrollMargin] = useState(0)
  useLayoutEffect(() => {
    if (start.current) setScrollMargin(start.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const virtualizer = useWindowVirtualizer<HTMLTableRowElement>({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => look.rowKey(rows[index]!),
    overscan: OVERSCAN,
    scrollMargin,
  })
  const items = virtualizer.getVirtualItems()
  const above = (items[0]?.start ?? scrollMargin) - scrollMargin
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? scrollMargin) + scrollMargin
  return (
    <>
      <tr ref={start} aria-hidden style={{ height: above }} />
      {items.map((item) => (
        <Row
          key={item.key}
          ref={virtualizer.measureElement}
          index={item.index}
          row={rows[item.index]!}
          look={look as RowLook<unknown>}
        />
      ))}
      <tr aria-hidden style={{ height: below }} />
    </>
  )
}
