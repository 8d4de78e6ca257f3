'use client'

import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useLayoutEffect, useRef, useState, type ReactNode, type Ref } from 'react'

/** The height of a card in pixels before it is measured. */
const CARD_HEIGHT = 92
/** How many cards are drawn above and below those in sight. */
const OVERSCAN = 6

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
      {items.map(({ index, key }) => (
        <Card
          key={key}
          measure={virtualizer.measureElement}
          row={rows[index]}
          index={index}
          of={rows.length}
          card={card as Props<unknown>['card']}
        />
      ))}
    </ul>
  )
}

interface CardProps extends Pick<Props<unknown>, 'card'> {
  measure: Ref<HTMLLIElement>
  row: unknown
  index: number
  /** How many rows the whole list has. */
  of: number
}

/** While the list is scrolled, only the cards that come into sight are drawn anew. */
const Card = memo(function Card({ measure, row, index, of, card }: CardProps) {
  return card(row, { ref: measure, 'data-index': index, 'aria-setsize': of, 'aria-posinset': index + 1 })
})
