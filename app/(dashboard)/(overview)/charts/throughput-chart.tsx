'use client'

import { ChartMarks } from '@/app/_components/marks/chart-marks'
import { formatCompact, formatCount } from '@/app/_components/time'
import type { Timeseries } from '@/app/_trpc/types'
import { countTicks } from './axis-ticks'
import { Brush, type BrushTarget } from './brush'
import { Plot, TIME_AXIS, TipRow } from './plot'

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

/** A bar for each bucket, with failures on top. Few among many are drawn two pixels high, so that they are seen. */
const Bars = ({ points, top }: { points: Timeseries['points']; top: number }) => (
  <div className="flex h-full items-end">
    {points.map(({ at, completed, failed }) => (
      <div key={at} className="flex h-full min-w-0 flex-1 items-end justify-center">
        <div
          className="flex w-[82%] max-w-7 flex-col overflow-hidden rounded-t-xs"
          style={{ height: `${((completed + failed) / top) * 100}%` }}
        >
          {failed > 0 ? (
            <span className="bar-failed min-h-0.5 basis-0 bg-bar-failed" style={{ flexGrow: failed }} />
          ) : null}
          {completed > 0 ? (
            <span className="min-h-0.5 basis-0 bg-bar-completed" style={{ flexGrow: completed }} />
          ) : null}
        </div>
      </div>
    ))}
  </div>
)

const Key = ({ color, name }: { color: string; name: string }) => (
  <span className="flex items-center gap-1.5">
    <span aria-hidden className="size-2 rounded-xs" style={{ background: color }} />
    {name}
  </span>
)
