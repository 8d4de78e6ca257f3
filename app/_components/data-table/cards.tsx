import dynamic from 'next/dynamic'
import type { ReactNode } from 'react'
import { cn } from '../cn'
import { MANY } from './columns'
import { DIMMED } from './table-row'
import { Tick, type Ticking } from './tick'
import { useFirstRows } from './use-first-rows'
import type { CardAttributes } from './virtual-cards'

// `dynamic` loses that the component works for any kind of row, so its type is given back to it.
const VirtualCards = dynamic(() => import('./virtual-cards'), {
  ssr: false,
}) as typeof import('./virtual-cards').default

interface Props<Row> {
  caption: string
  rows: readonly Row[]
  rowKey: (row: Row) => string
  card: (row: Row) => ReactNode
  loading?: boolean
  stale?: boolean
  skeletonRows?: number
  dimmed?: (row: Row) => boolean
  ticking: Ticking<Row> | undefined
}

/** The rows of a table as cards, for a phone. Of a long list only the cards in sight are drawn. */
export function Cards<Row>({
  caption,
  rows,
  rowKey,
  card,
  loading,
  stale,
  skeletonRows = 8,
  dimmed,
  ticking,
}: Props<Row>) {
  const className = cn('divide-y divide-line', stale && 'opacity-60')
  const item = (row: Row, attributes?: CardAttributes) => (
    <li
      key={rowKey(row)}
      {...attributes}
      data-dimmed={dimmed?.(row) || undefined}
      className={cn(
        'relative flex gap-3 px-4 py-3 has-focus-visible:bg-accent-soft active:bg-hover',
        // A long list measures its cards, so there each has its real height.
        !attributes && '[contain-intrinsic-size:auto_5rem] [content-visibility:auto]',
        dimmed?.(row) && DIMMED,
      )}
    >
      {ticking ? <Tick ticking={ticking} row={row} /> : null}
      <div className="min-w-0 flex-1">{card(row)}</div>
    </li>
  )
  if (!loading && rows.length > MANY)
    return (
      <VirtualCards
        caption={caption}
        busy={stale === true}
        className={className}
        rows={rows}
        rowKey={rowKey}
        card={item}
      />
    )
  return (
    <ul aria-label={caption} aria-busy={loading || stale} className={className}>
      {loading ? (
        Array.from({ length: skeletonRows }, (_, i) => (
          <li key={i} className="px-4 py-3.5">
            <span className="skeleton block h-4 w-2/3" />
            <span className="skeleton mt-2 block h-3 w-2/5" />
          </li>
        ))
      ) : (
        <ShortList rows={rows} item={item} />
      )}
    </ul>
  )
}

/** Before it is drawn, a card counts as so high, in rem. */
const CARD_REM = 5

function ShortList<Row>({ rows, item }: { rows: readonly Row[]; item: (row: Row) => ReactNode }) {
  const { drawn, toCome } = useFirstRows(rows)
  return (
    <>
      {drawn.map((row) => item(row))}
      {toCome > 0 ? <li aria-hidden style={{ height: `${toCome * CARD_REM}rem` }} /> : null}
    </>
  )
}
