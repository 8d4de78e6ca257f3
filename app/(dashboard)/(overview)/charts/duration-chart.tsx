'use client'

import { line } from 'd3-shape'
import { ChartMarks } from '@/app/_components/marks/chart-marks'
import { formatAxisSeconds, formatDuration } from '@/app/_components/time'
import type { Overview, Timeseries } from '@/app/_trpc/types'
import { standsAlone } from '../buckets'
import { durationTicks } from './axis-ticks'
import { Brush, type BrushTarget } from './brush'
import { lineShare, Plot, TIME_AXIS, TipRow } from './plot'

type Point = Timeseries['points'][number]
type Key = 'waitP50' | 'waitP95' | 'runP50' | 'runP95'

const PLOT = { left: 44, right: 4, bottom: TIME_AXIS }
const P50_COLOR = 'var(--running)'
const P95_COLOR = 'var(--queued)'

interface Props extends BrushTarget {
  series: Timeseries | undefined
  what: 'wait' | 'run'
  spread: Overview['wait'] | undefined
}

/**
 * The median, the 95th and the 99th percentile as figures for the whole range, and the first two as lines over time. A
 * line has a gap where nothing was measured. The lines are hidden from screen readers, which get the figures.
 */
export function DurationChart({ series, what, spread, ...target }: Props) {
  const [p50, p95] = what === 'wait' ? (['waitP50', 'waitP95'] as const) : (['runP50', 'runP95'] as const)
  const points = series?.points ?? []
  const ticks = durationTicks(Math.max(0, ...points.map((point) => Math.max(point[p50] ?? 0, point[p95] ?? 0))))
  return (
    <figure>
      <figcaption className="mb-2 flex gap-6 text-sm">
        <Percentile name="p50" color={P50_COLOR} seconds={spread?.p50} />
        <Percentile name="p95" color={P95_COLOR} seconds={spread?.p95} />
        <Percentile name="p99" seconds={spread?.p99} />
      </figcaption>
      <ChartMarks series={series} bars={false} plot={PLOT}>
        <Brush
          points={points}
          bucketSeconds={series?.bucketSeconds ?? 0}
          bars={false}
          plot={PLOT}
          className="h-38 xl:h-54"
          {...target}
        >
          {series ? (
            <Plot
              points={points}
              bucketSeconds={series.bucketSeconds}
              bars={false}
              plot={PLOT}
              ticks={ticks}
              formatTick={formatAxisSeconds}
              tip={(point) => (
                <>
                  <TipRow name="p50" color={P50_COLOR} value={duration(point[p50])} />
                  <TipRow name="p95" color={P95_COLOR} value={duration(point[p95])} />
                </>
              )}
              dots={(point) => [
                { value: point[p95], color: P95_COLOR },
                { value: point[p50], color: P50_COLOR },
              ]}
            >
              <svg viewBox="0 0 100 100" preserveAspectRatio="none" className="size-full overflow-visible">
                <Curve points={points} of={p95} top={ticks.at(-1)!} color={P95_COLOR} />
                <Curve points={points} of={p50} top={ticks.at(-1)!} color={P50_COLOR} />
              </svg>
            </Plot>
          ) : (
            <span className="skeleton block h-full" />
          )}
        </Brush>
      </ChartMarks>
    </figure>
  )
}

/** One line of the chart, in a drawing area of 100 by 100. A value between two gaps is a dot. */
function Curve({ points, of, top, color }: { points: Point[]; of: Key; top: number; color: string }) {
  const x = (index: number) => lineShare(index, points.length) * 100
  const y = (point: Point) => 100 - ((point[of] ?? 0) / top) * 100
  const path = line<Point>()
    .defined((point) => point[of] !== null)
    .x((_, index) => x(index))
    .y(y)
  // A line without length and with round ends is a dot, which the stretched drawing area leaves round.
  const dots = points.map((point, n) => (standsAlone(points, of, n) ? `M${x(n)},${y(point)}h0` : '')).join('')
  const stroke = { fill: 'none', stroke: color, strokeLinecap: 'round', vectorEffect: 'non-scaling-stroke' } as const
  return (
    <>
      <path d={path(points) ?? ''} strokeWidth={1.5} {...stroke} />
      {dots ? <path d={dots} strokeWidth={4} {...stroke} /> : null}
    </>
  )
}

const duration = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined ? '–' : formatDuration(seconds * 1000)

/** A percentile with its line's colour, if it has a line. */
function Percentile({ name, color, seconds }: { name: string; color?: string; seconds: number | null | undefined }) {
  return (
    <span className="flex items-baseline gap-2">
      <span className="flex items-center gap-1.5 text-xs text-faint">
        {color ? <span aria-hidden className="h-0.5 w-3 rounded-full" style={{ background: color }} /> : null}
        {name}
      </span>
      <span data-percentile={name} className="min-w-14 text-base font-semibold tabular-nums">
        {duration(seconds)}
      </span>
    </span>
  )
}
