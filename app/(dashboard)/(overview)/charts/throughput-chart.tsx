'use client'

import { ChartMarks } from '@/app/_components/marks/chart-marks'
import { formatCompact, formatCount } from '@/app/_components/time'
import type { Timeseries } from '@/app/_trpc/types'
import { countTicks } from './axis-ticks'
import { Brush, type BrushTarget } from './brush'
import { Plot, Swatch, TIME_AXIS, TipRow } from './plot'

const PLOT = { left: 36, right: 4, bottom: TIME_AXIS }

/**
 * The attempts that ended in each bucket, as bars. A click opens the jobs that completed or failed in it. The chart is
 * hidden from screen readers: "Throughput as: Table" gives them the same figures, and the same links by keyboard.
 */
export function ThroughputChart({ series, empty, ...target }: BrushTarget & { series: Timeseries; empty: boolean }) {
  const { points, bucketSeconds } = series
  const ticks = countTicks(Math.max(0, ...points.map(({ completed, failed }) => completed + failed)))
  return (
    <figure className="relative flex flex-1 flex-col">
      <ChartMarks series={series} bars plot={PLOT} className="flex flex-1 flex-col">
        <Brush {...series} bars plot={PLOT} handles fills className="min-h-54" {...target}>
          <Plot
            points={points}
            bucketSeconds={bucketSeconds}
            bars
            plot={PLOT}
            ticks={ticks}
            formatTick={formatCompact}
            tip={(point) => (
              <>
                <TipRow name="Completed" color="var(--bar-completed)" value={formatCount(point.completed)} />
                <TipRow name="Failures" color="var(--bar-failed)" value={formatCount(point.failed)} />
                <TipRow name="Submitted" value={formatCount(point.submitted)} />
              </>
            )}
          >
            <Bars points={points} top={ticks.at(-1)!} />
          </Plot>
        </Brush>
      </ChartMarks>
      {empty ? (
        <p className="absolute inset-x-0 top-2/5 text-center text-sm text-faint">
          Nothing was submitted or ended in this time.
        </p>
      ) : null}
      <figcaption className="mt-2 flex gap-4 text-xs text-faint">
        <Key color="var(--bar-completed)" name="Completed" />
        <Key color="var(--bar-failed)" name="Failures" />
        <span className="ml-auto hidden sm:inline">Click a bar for its jobs, drag over several to look closer</span>
      </figcaption>
    </figure>
  )
}

/** The share of a bucket's band that its bar takes. */
const FILLED = 0.82
/** With fewer buckets than this, bars stay as thin as they are with so many. */
const WIDEST_OF = 23

/**
 * A bar for each bucket, with failures on top. What is not zero is at least two pixels high, so that one failure beside
 * thousands is seen. Unlike the backgrounds of HTML, the colours of SVG are also printed, and stay in high contrast.
 */
function Bars({ points, top }: { points: Timeseries['points']; top: number }) {
  const width = FILLED * Math.min(1, points.length / WIDEST_OF)
  const share = (value: number) => `${(value / points.length) * 100}%`
  const height = (value: number) => ({ height: `max(${(value / top) * 100}%, 2px)` })
  return (
    // It stands on its head, so that bars grow from y = 0.
    <svg className="size-full -scale-y-100">
      {points.map(({ at, completed, failed }, n) => {
        const place = { x: share(n + (1 - width) / 2), width: share(width) }
        return (
          <g key={at}>
            {completed > 0 ? <rect {...place} style={height(completed)} fill="var(--bar-completed)" /> : null}
            {failed > 0 ? (
              <rect
                {...place}
                y={`${(completed / top) * 100}%`}
                style={height(failed)}
                fill="var(--bar-failed)"
                className="bar-failed"
              />
            ) : null}
          </g>
        )
      })}
    </svg>
  )
}

const Key = ({ color, name }: { color: string; name: string }) => (
  <span className="flex items-center gap-1.5">
    <Swatch color={color} />
    {name}
  </span>
)
