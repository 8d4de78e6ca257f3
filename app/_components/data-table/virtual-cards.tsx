'use client'

import { memo, type ReactNode, type Ref } from 'react'
import { useItemsInSight } from './use-items-in-sight'

/** The height of a card in pixels before it is measured. */
const CARD_HEIGHT = 92
/** How many cards are drawn above and below those in sight. */
const AROUND = 6

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
  const { start, items, measure, above, below } = useItemsInSight<HTMLUListElement, HTMLLIElement>({
    count: rows.length,
    height: CARD_HEIGHT,
    key: (index) => rowKey(rows[index]!),
    around: AROUND,
  })
  return (
    <ul
      ref={start}
      aria-label={caption}
      aria-busy={busy}
      className={className}
      style={{ paddingTop: above, paddingBottom: below }}
    >
      {items.map(({ index, key }) => (
        <Card
          key={key}
          measure={measure}
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
