import type { ReactNode } from 'react'
import { cn } from '../cn'
import { DIMMED } from './table-row'
import { Tick, type Ticking } from './tick'

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

/**
 * The rows of a table as cards, for a phone. A card that is out of sight is not drawn, so that long lists stay quick.
 */
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
  return (
    <ul aria-label={caption} aria-busy={loading || stale} className={cn('divide-y divide-line', stale && 'opacity-60')}>
      {loading
        ? Array.from({ length: skeletonRows }, (_, i) => (
            <li key={i} className="px-4 py-3.5">
              <span className="skeleton block h-4 w-2/3" />
              <span className="skeleton mt-2 block h-3 w-2/5" />
            </li>
          ))
        : rows.map((row) => (
            <li
              key={rowKey(row)}
              data-dimmed={dimmed?.(row) || undefined}
              className={cn(
                'relative flex gap-3 px-4 py-3 [contain-intrinsic-size:auto_5rem] [content-visibility:auto] has-focus-visible:bg-accent-soft active:bg-hover',
                dimmed?.(row) && DIMMED,
              )}
            >
              {ticking ? <Tick ticking={ticking} row={row} /> : null}
              <div className="min-w-0 flex-1">{card(row)}</div>
            </li>
          ))}
    </ul>
  )
}
