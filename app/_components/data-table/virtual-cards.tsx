'use client'

import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState, type ReactNode, type Ref } from 'react'

/** The height of a card in pixels before it is measured. */
const CARD_HEIGHT = 92
/** How many cards are drawn above and below those in sight. */
const OVERSCAN = 8

interface Props<Row> {
  caption: string
  busy: boolean
  className: string
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** Draws a card. The attributes belong to its outer element. */
  card: (row: Row, attributes: CardAttributes) => ReactNode
}

export interface CardAttributes {
  ref?: Ref<HTMLLIElement>
  'data-index'?: number
  'aria-setsize'?: number
  'aria-posinset'?: number
}

/** The cards of a long list. Only those in sight are drawn. Space above and below them stands for the others. */
export default function VirtualCards<Row>({ caption, busy, className, rows, rowKey, card }: Props<Row>) {
  const list = useRef<HTMLUListElement>(null)
  const [scrollMargin, setScrollMargin] = useState(0)
  useLayoutEffect(() => {
    if (list.current) setScrollMargin(list.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const virtualizer = useWindowVirtualizer<HTMLLIElement>({
    count: rows.length,
    estimateSize: () => CARD_HEIGHT,
    getItemKey: (index) => rowKey(rows[index]!),
    overscan: OVERSCAN,
    scrollMargin,
  })
  const items = virtualizer.getVirtualItems()
  const above = (items[0]?.start ?? scrollMargin) - scrollMargin
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? scrollMargin) + scrollMargin
  return (
    <ul
      ref={list}
      aria-label={caption}
      aria-busy={busy}
      className={className}
      style={{ paddingTop: above, paddingBottom: below }}
    >
      {items.map(({ index }) =>
        card(rows[index]!, {
          ref: virtualizer.measureElement,
          'data-index': index,
          'aria-setsize': rows.length,
          'aria-posinset': index + 1,
        }),
      )}
    </ul>
  )
}
