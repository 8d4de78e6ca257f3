'use client'

// The charts are hidden from screen readers. For the throughput, "Throughput as: Table" gives them the same figures.
// For durations they get the percentiles of the whole range, which stand above the chart.
import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { ChartMarks } from '@/app/_components/marks/chart-marks'
import { formatAxisSeconds, formatCompact, formatCount, formatDuration } from '@/app/_components/time'
import type { Overview, Timeseries } from '@/app/_trpc/types'
import { Brush, type BrushTarget } from './brush'
import { countTicks, durationTicks } from './axis-ticks'
import { axisLabel, dayTicks, bucketLabel, isByDay, standsAlone } from './buckets'

type Point = Timeseries['points'][number]

const TICK = { fontSize: 11, fill: 'var(--faint)' }
const MARGIN = { top: 6, right: 4, bottom: 0, left: 0 }
/** The widths of the axis of counts and of the axis of durations, in pixels. */
const BAR_AXIS = 36
const LINE_AXIS = 44
/** The height of the time axis in pixels. */
const TIME_AXIS = 20
/** An axis that shows only its labels. */
const PLAIN = { tick: TICK, tickLine: false, axisLine: false } as const

/** The time axis below a chart. */
function timeAxis(points: Timeseries['points'], bucketSeconds: number) {
  const byDay = isByDay(points.length, bucketSeconds)
  return {
    ...PLAIN,
    dataKey: 'at',
    ticks: dayTicks(
      points.map(({ at }) => at),
      byDay,
    ),
    tickFormatter: (at: string) => axisLabel(at, byDay),
    // In pixels, between two labels.
    minTickGap: 40,
    height: TIME_AXIS,
  }
}

const CURSOR = { fill: 'var(--hover)' }

/**
 * The attempts that ended in each bucket. A click opens the jobs that completed or failed in it. The table offers the
 * same by keyboard.
 */
export function ThroughputChart({ series, empty, ...target }: BrushTarget & { series: Timeseries; empty: boolean }) {
  const plot = { left: BAR_AXIS + MARGIN.left, right: MARGIN.right, bottom: TIME_AXIS }
  const ticks = countTicks(Math.max(0, ...series.points.map(({ completed, failed }) => completed + failed)))
  return (
    <figure className="relative flex flex-1 flex-col">
      <ChartMarks series={series} bars plot={plot} className="flex flex-1 flex-col">
        <Brush {...series} bars plot={plot} handles fills className="min-h-54" {...target}>
          <ResponsiveContainer width="100%" height="100%">
            <BarChart accessibilityLayer={false} data={series.points} margin={MARGIN} barCategoryGap="18%">
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis {...timeAxis(series.points, series.bucketSeconds)} />
              <YAxis
                width={BAR_AXIS}
                {...PLAIN}
                ticks={ticks}
                domain={[0, ticks.at(-1)!]}
                tickFormatter={formatCompact}
              />
              <Tooltip
                cursor={CURSOR}
                isAnimationActive={false}
                content={({ active, payload }) => {
                  const point = active ? (payload[0]?.payload as Point | undefined) : undefined
                  if (!point) return null
                  return (
                    <Tip title={bucketLabel(point.at, series.bucketSeconds)}>
                      <TipRow name="Completed" color="var(--bar-completed)" value={formatCount(point.completed)} />
                      <TipRow name="Failures" color="var(--bar-failed)" value={formatCount(point.failed)} />
                      <TipRow name="Submitted" value={formatCount(point.submitted)} />
                    </Tip>
                  )
                }}
              />
              <Bar
                dataKey="completed"
                stackId="ended"
                fill="var(--bar-completed)"
                isAnimationActive={false}
                maxBarSize={28}
              />
              <Bar
                dataKey="failed"
                // brush.tsx finds by this class that a click was on failures.
                className="bar-failed"
                stackId="ended"
                fill="var(--bar-failed)"
                isAnimationActive={false}
                maxBarSize={28}
                radius={[2, 2, 0, 0]}
              />
            </BarChart>
          </ResponsiveContainer>
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

interface DurationProps extends BrushTarget {
  series: Timeseries | undefined
  what: 'wait' | 'run'
  spread: Overview['wait'] | undefined
}

/**
 * The median, the 95th and the 99th percentile as figures for the whole range, and the first two as lines over time. A
 * line has a gap where no attempt ended.
 */
export function DurationChart({ series, what, spread, ...target }: DurationProps) {
  const plot = { left: LINE_AXIS + MARGIN.left, right: MARGIN.right, bottom: TIME_AXIS }
  const [p50, p95] = what === 'wait' ? (['waitP50', 'waitP95'] as const) : (['runP50', 'runP95'] as const)
  const points = series?.points ?? []
  const ticks = durationTicks(Math.max(0, ...points.map((point) => Math.max(point[p50] ?? 0, point[p95] ?? 0))))
  return (
    <figure>
      <figcaption className="mb-2 flex gap-6 text-sm">
        <Percentile name="p50" color="var(--running)" seconds={spread?.p50} />
        <Percentile name="p95" color="var(--queued)" seconds={spread?.p95} />
        <Percentile name="p99" seconds={spread?.p99} />
      </figcaption>
      <ChartMarks series={series} bars={false} plot={plot}>
        <Brush
          points={points}
          bucketSeconds={series?.bucketSeconds ?? 0}
          bars={false}
          plot={plot}
          className="h-38 xl:h-54"
          {...target}
        >
          {series ? (
            <ResponsiveContainer width="100%" height="100%">
              <LineChart accessibilityLayer={false} data={points} margin={MARGIN}>
                <CartesianGrid vertical={false} stroke="var(--line)" />
                <XAxis {...timeAxis(points, series.bucketSeconds)} />
                <YAxis
                  width={LINE_AXIS}
                  {...PLAIN}
                  ticks={ticks}
                  domain={[0, ticks.at(-1)!]}
                  tickFormatter={formatAxisSeconds}
                />
                <Tooltip
                  cursor={{ stroke: 'var(--line-strong)' }}
                  isAnimationActive={false}
                  content={({ active, payload }) => {
                    const point = active ? (payload[0]?.payload as Point | undefined) : undefined
                    if (!point || !series) return null
                    return (
                      <Tip title={bucketLabel(point.at, series.bucketSeconds)}>
                        <TipRow name="p50" color="var(--running)" value={duration(point[p50])} />
                        <TipRow name="p95" color="var(--queued)" value={duration(point[p95])} />
                      </Tip>
                    )
                  }}
                />
                {(
                  [
                    [p95, 'var(--queued)'],
                    [p50, 'var(--running)'],
                  ] as const
                ).map(([key, color]) => (
                  <Line
                    key={key}
                    dataKey={key}
                    stroke={color}
                    strokeWidth={1.5}
                    dot={({ index, cx, cy }) => (
                      <circle key={index} cx={cx} cy={cy} r={standsAlone(points, key, index) ? 2 : 0} fill={color} />
                    )}
                    activeDot={{ r: 3 }}
                    isAnimationActive={false}
                  />
                ))}
              </LineChart>
            </ResponsiveContainer>
          ) : (
            <span className="skeleton block h-full" />
          )}
        </Brush>
      </ChartMarks>
    </figure>
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

const Key = ({ color, name }: { color: string; name: string }) => (
  <span className="flex items-center gap-1.5">
    <span aria-hidden className="size-2 rounded-xs" style={{ background: color }} />
    {name}
  </span>
)

const Tip = ({ title, children }: { title: string; children: React.ReactNode }) => (
  <div className="rounded-md border border-line bg-raised px-3 py-2 text-xs shadow-pop">
    <p className="mb-1 font-medium">{title}</p>
    {children}
  </div>
)

const TipRow = ({ name, color, value }: { name: string; color?: string; value: string }) => (
  <p className="flex items-center gap-1.5 tabular-nums">
    <span aria-hidden className="size-2 rounded-xs" style={{ background: color ?? 'transparent' }} />
    <span className="text-muted">{name}</span>
    <span className="ml-auto pl-4 font-medium">{value}</span>
  </p>
)
