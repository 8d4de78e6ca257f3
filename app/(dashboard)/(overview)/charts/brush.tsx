'use client'

import { useState, type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { bucketAt, bucketSpan, nearestBucket, spanLabel } from '../buckets'
import type { Span } from '@/app/_components/figures/figure-paths'
import type { PlotArea } from './plot'

/** In pixels. A shorter move is a click, because a hand that clicks moves a little. */
const LEAST_DRAG = 6
/** The keys Page Up and Page Down move a handle by this many buckets. */
const PAGE = 10

export interface BrushTarget {
  /** Opens the jobs of the bucket that begins at `at`: those that failed in it (`failures`) or those that completed. */
  onOpen: (at: string, failures: boolean) => void
  /** Called when the reader has chosen a time in the chart. */
  onBrush: (span: Span) => void
}

interface Props extends BrushTarget {
  points: readonly { at: string }[]
  bucketSeconds: number
  /** Each bucket has a band of its own. Without this (lines), the first and the last bucket lie on the plot's edges. */
  bars: boolean
  plot: PlotArea
  /**
   * Draws two handles that choose a time by keyboard. One chart of a page is enough, because all charts show the same
   * time.
   */
  handles?: boolean
  /** The chart takes the height that is left in a column, in place of one of its own. */
  fills?: boolean
  className: string
  children: ReactNode
}

type Chosen = readonly [first: number, last: number]

/**
 * A chart in which the reader can choose a time, by dragging or with two handles that the arrow keys move. The chosen
 * time always covers whole buckets. A click opens the jobs of the bucket below it.
 */
export function Brush({
  points,
  bucketSeconds,
  bars,
  plot,
  handles,
  fills,
  className,
  children,
  onOpen,
  onBrush,
}: Props) {
  // A press that may become a drag: at which pixel and in which bucket it began, and whether the pointer has moved
  // enough.
  const [drag, setDrag] = useState<{ x: number; from: number; moved: boolean } | null>(null)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  // The last press ended as a drag. The browser sends a click after it, which then opens nothing.
  const [dragged, setDragged] = useState(false)
  const count = points.length

  const under = (event: MouseEvent<HTMLElement>, at: typeof bucketAt) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return at(event.clientX - left, { left: plot.left, right: width - plot.right }, count, bars)
  }
  const apply = ([first, last]: Chosen) => {
    setChosen(null)
    const [from, to] = [points[first], points[last]]
    if (from && to) onBrush({ from: bucketSpan(from.at, bucketSeconds).from, to: bucketSpan(to.at, bucketSeconds).to })
  }

  function down(event: PointerEvent<HTMLElement>) {
    setDragged(false)
    const from = event.button === 0 ? under(event, bucketAt) : null
    setDrag(from === null ? null : { x: event.clientX, from, moved: false })
  }
  function move(event: PointerEvent<HTMLElement>) {
    if (!drag) return
    if (!drag.moved) {
      if (Math.abs(event.clientX - drag.x) < LEAST_DRAG) return
      // From now on the chart receives the pointer's events, even when the pointer leaves it.
      event.currentTarget.setPointerCapture(event.pointerId)
      setDrag({ ...drag, moved: true })
    }
    const to = under(event, nearestBucket)
    if (to !== null) setChosen([Math.min(drag.from, to), Math.max(drag.from, to)])
  }
  function up() {
    setDrag(null)
    if (!drag?.moved) return
    setDragged(true)
    if (chosen) apply(chosen)
  }
  function cancel() {
    setDrag(null)
    setChosen(null)
  }
  function click(event: MouseEvent<HTMLElement>) {
    // On a touch screen a tap shows the tooltip, and the table leads to the jobs.
    if (dragged || (event.nativeEvent as globalThis.PointerEvent).pointerType === 'touch') return
    const index = under(event, bucketAt)
    const point = index === null ? undefined : points[index]
    if (point) onOpen(point.at, event.target instanceof Element && event.target.closest('.bar-failed') !== null)
  }

  return (
    <div className={fills ? cn('relative flex-1', className) : 'relative'}>
      <div
        aria-hidden
        className={cn('cursor-pointer touch-pan-y select-none', fills ? 'absolute inset-0' : className)}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={cancel}
        onClick={click}
      >
        {children}
      </div>
      {count > 0 ? (
        <div
          className="pointer-events-none absolute top-0"
          style={{ left: plot.left, right: plot.right, bottom: plot.bottom }}
        >
          {chosen ? <ChosenRange chosen={chosen} count={count} bars={bars} /> : null}
          {handles ? (
            <Handles
              chosen={chosen ?? [0, count - 1]}
              points={points}
              bucketSeconds={bucketSeconds}
              bars={bars}
              onMove={setChosen}
              onApply={() => apply(chosen ?? [0, count - 1])}
              onCancel={cancel}
            />
          ) : null}
        </div>
      ) : null}
    </div>
  )
}

/** Where the chosen buckets begin and end, as shares of the plot's width. */
function placeOf([first, last]: Chosen, count: number, bars: boolean): { left: number; right: number } {
  if (bars || count === 1) return { left: first / count, right: (last + 1) / count }
  const steps = count - 1
  return { left: Math.max(0, (first - 0.5) / steps), right: Math.min(1, (last + 0.5) / steps) }
}

function ChosenRange({ chosen, count, bars }: { chosen: Chosen; count: number; bars: boolean }) {
  const { left, right } = placeOf(chosen, count, bars)
  return (
    <span
      data-brush
      className="absolute inset-y-0 border-x border-accent bg-accent/15"
      style={{ left: `${left * 100}%`, right: `${(1 - right) * 100}%` }}
    />
  )
}

interface HandleProps {
  chosen: Chosen
  points: readonly { at: string }[]
  bucketSeconds: number
  bars: boolean
  onMove: (chosen: Chosen) => void
  onApply: () => void
  onCancel: () => void
}

/** The handles at the beginning and the end of the chosen time. They are visible while one of them has the focus. */
function Handles({ chosen, points, bucketSeconds, bars, onMove, onApply, onCancel }: HandleProps) {
  const most = points.length - 1
  const place = placeOf(chosen, points.length, bars)
  const [first, last] = chosen
  const span = {
    from: new Date(bucketSpan(points[first]!.at, bucketSeconds).from),
    to: new Date(bucketSpan(points[last]!.at, bucketSeconds).to),
  }
  const keys = (which: 0 | 1) => (event: KeyboardEvent) => {
    const now = chosen[which]
    const next = {
      ArrowLeft: now - 1,
      ArrowDown: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now + 1,
      PageDown: now - PAGE,
      PageUp: now + PAGE,
      Home: 0,
      End: most,
    }[event.key]
    if (next !== undefined) {
      event.preventDefault()
      onMove(which === 0 ? [Math.min(last, Math.max(0, next)), last] : [first, Math.max(first, Math.min(most, next))])
    } else if (event.key === 'Enter') {
      event.preventDefault()
      onApply()
    } else if (event.key === 'Escape') onCancel()
  }
  return ([0, 1] as const).map((which) => (
    <span
      key={which}
      role="slider"
      tabIndex={0}
      aria-label={which === 0 ? 'Beginning of a time to look at' : 'End of a time to look at'}
      title="Arrow keys move it, Enter shows the chosen time"
      aria-valuemin={0}
      aria-valuemax={most}
      aria-valuenow={chosen[which]}
      aria-valuetext={spanLabel(span)}
      onKeyDown={keys(which)}
      className="absolute inset-y-0 -ml-3 flex w-6 justify-center rounded opacity-0 focus-visible:opacity-100"
      style={{ left: `${(which === 0 ? place.left : place.right) * 100}%` }}
    >
      <span className="w-1.5 rounded-xs bg-accent" />
    </span>
  ))
}
