'use client'

import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'
import { TableRow, type RowLook } from './table-row'

/** The height of a row in pixels, before it is measured: `h-row` of tailwind.config.ts. */
const ROW_HEIGHT = 36
/** Rows that are drawn above and below what is in sight: the next one for `j` is always there. */
const OVERSCAN = 12

/** The rows of a long list, of which only those in sight are drawn. Empty rows above and below keep the page's height. */
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
        <TableRow
          key={item.key}
          ref={virtualizer.measureElement}
          index={item.index}
          row={rows[item.index]!}
          look={look}
        />
      ))}
      <tr aria-hidden style={{ height: below }} />
    </>
  )
}
