'use client'

import { useState, type MouseEvent, type ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { bucketAt, bucketLabel } from '../buckets'
import { timeTicks } from './time-ticks'

/** How far the drawing area is from the edges of the chart, in pixels. The axes stand in between. */
export interface PlotArea {
  left: number
  right: number
  bottom: number
}

/** Pixels above the drawing area, so that the topmost label is not cut off. */
const TOP = 6
/** Where the time axis has more labels than this, a phone shows every second one. */
const MOST_ON_A_PHONE = 5
/** The height of the time axis, in pixels. */
export const TIME_AXIS = 20

interface Props<Point> {
  points: readonly Point[]
  bucketSeconds: number
  /** Each bucket has a band of its own. Without this (lines), the first and the last bucket lie on the plot's edges. */
  bars: boolean
  plot: PlotArea
  /** The values of the vertical axis, from 0 to the highest. */
  ticks: readonly number[]
  formatTick: (value: number) => string
  /** What the tooltip says of a bucket, below its time. */
  tip: (point: Point) => ReactNode
  /** The points on the lines at the bucket below the pointer. */
  dots?: (point: Point) => { value: number | null; color: string }[]
  /** The shapes. They fill the drawing area, and the highest tick is its upper edge. */
  children: ReactNode
}

/**
 * A chart over time: the grid, the labels of both axes, and the tooltip of the bucket below the pointer. All places are
 * shares of the width and height, so nothing is measured when it is drawn or when the window changes.
 */
export function Plot<Point extends { at: string }>(props: Props<Point>) {
  const { points, bucketSeconds, bars, plot, ticks, formatTick, tip, dots, children } = props
  const [pointed, setPointed] = useState<number | null>(null)
  const top = ticks.at(-1)!
  const labels = timeTicks(points, bucketSeconds, bars)
  // Fewer buckets may have come since the pointer moved.
  const point = pointed === null ? undefined : points[pointed]

  // A tap on a touch screen sends these events, too. Its tooltip stays until the next tap elsewhere.
  function move(event: MouseEvent<HTMLElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setPointed(bucketAt(event.clientX - left, { left: plot.left, right: width - plot.right }, points.length, bars))
  }
  return (
    <div
      data-chart
      className="relative h-full text-2xs text-faint"
      onMouseMove={move}
      onMouseLeave={() => setPointed(null)}
    >
      <div className="absolute" style={{ ...plot, top: TOP }}>
        {ticks.map((value) => (
          <div
            key={value}
            className="absolute inset-x-0 border-t border-line"
            style={{ bottom: percent(value / top), translate: '0 0.5px' }}
          >
            <span className="absolute right-full -translate-y-1/2 pr-2 tabular-nums">{formatTick(value)}</span>
          </div>
        ))}
        {labels.map(({ left, label }, n) => (
          <span
            key={left}
            className={cn(
              'absolute top-full -translate-x-1/2 pt-1.5 whitespace-nowrap tabular-nums',
              labels.length > MOST_ON_A_PHONE && n % 2 === 1 && 'max-sm:hidden',
            )}
            style={{ left: percent(left) }}
          >
            {label}
          </span>
        ))}
        {point ? <Cursor index={pointed!} count={points.length} bars={bars} /> : null}
        <div className="absolute inset-0">{children}</div>
        {point && dots
          ? dots(point).map(({ value, color }) =>
              value === null ? null : (
                <span
                  key={color}
                  className="absolute -mb-1 -ml-1 size-2 rounded-full border border-raised forced-color-adjust-none"
                  style={{
                    left: percent(lineShare(pointed!, points.length)),
                    bottom: percent(value / top),
                    background: color,
                  }}
                />
              ),
            )
          : null}
        {point ? (
          <Beside share={(pointed! + 0.5) / points.length}>
            <div className="rounded-md border border-line bg-raised px-3 py-2 text-xs text-ink shadow-pop">
              <p className="mb-1 font-medium">{bucketLabel(point.at, bucketSeconds)}</p>
              {tip(point)}
            </div>
          </Beside>
        ) : null}
      </div>
    </div>
  )
}

const percent = (share: number) => `${share * 100}%`

/** Where a point of a line stands, as a share of the width. A single point stands in the middle. */
export const lineShare = (index: number, count: number) => (count === 1 ? 0.5 : index / (count - 1))

/** Marks the bucket below the pointer. */
function Cursor({ index, count, bars }: { index: number; count: number; bars: boolean }) {
  return bars ? (
    <span className="absolute inset-y-0 bg-hover" style={{ left: percent(index / count), width: percent(1 / count) }} />
  ) : (
    <span
      className="absolute inset-y-0 border-l border-line-strong"
      style={{ left: percent(lineShare(index, count)) }}
    />
  )
}

/** The most that a tooltip is wide. Nearer to the edge of a narrow chart, it stands over the place. */
const TIP_WIDTH = '11rem'

/** Stands to the right of a place in the left half, and to the left of a place in the right half. */
function Beside({ share, children }: { share: number; children: ReactNode }) {
  const distance = (from: number) => `min(${percent(from)} + 12px, 100% - ${TIP_WIDTH})`
  return (
    <div
      className="pointer-events-none absolute top-0 z-10"
      style={{ maxWidth: TIP_WIDTH, ...(share < 0.5 ? { left: distance(share) } : { right: distance(1 - share) }) }}
    >
      {children}
    </div>
  )
}

/** A small square in the colour of a bar or a line. It keeps its colour on paper and in high contrast. */
export const Swatch = ({ color }: { color: string }) => (
  <span
    aria-hidden
    className="size-2 rounded-xs forced-color-adjust-none [print-color-adjust:exact]"
    style={{ background: color }}
  />
)

/** One line of a tooltip. */
export const TipRow = ({ name, color, value }: { name: string; color?: string; value: string }) => (
  <p className="flex items-center gap-1.5 tabular-nums">
    <Swatch color={color ?? 'transparent'} />
    <span className="text-muted">{name}</span>
    <span className="ml-auto pl-4 font-medium">{value}</span>
  </p>
)
