import { cn } from '@/app/_components/cn'
import { formatBoth, formatClock, formatDuration, formatMonthDay, formatSecond } from '@/app/_components/time'
import type { Attempt, LogLine } from '@/app/_trpc/types'
import type { Axis } from './timeline-axis'
import type { SpanKind, TimelineRow } from './timeline-spans'

// The legend and the axis of a job's timeline, which shows when the job waited and ran.

/** The name of each outcome, and the classes for its colour in words and as a bar. */
export const OUTCOME: Record<NonNullable<Attempt['outcome']>, { label: string; tone: string; bar: string }> = {
  COMPLETED: { label: 'Completed', tone: 'text-completed', bar: 'bg-bar-completed' },
  FAILED: { label: 'Failed', tone: 'text-failed', bar: 'bg-bar-failed' },
  TIMED_OUT: { label: 'Timed out', tone: 'text-timedout', bar: 'bg-timedout' },
  CANCELED: { label: 'Canceled', tone: 'text-canceled', bar: 'bg-canceled' },
  LOST: { label: 'Worker lost', tone: 'text-warning', bar: 'bg-bar-warning' },
  HANDED_BACK: { label: 'Handed back', tone: 'text-pending', bar: 'bg-pending' },
}

/** The name of each kind of piece in the legend, its colour, and the words around its length. */
export const KIND: Record<SpanKind, { name: string; bar: string; before: string; goesOn: string; after: string }> = {
  scheduled: {
    name: 'Until its time',
    bar: 'bg-bar-wait/50',
    before: 'waited',
    goesOn: 'waiting',
    after: ' for its time',
  },
  parents: {
    name: 'Waiting for other jobs',
    bar: 'bg-canceled',
    before: 'waited',
    goesOn: 'waiting',
    after: ' for other jobs',
  },
  backoff: { name: 'Until its retry', bar: 'bg-bar-wait/50', before: 'backed off', goesOn: 'backing off', after: '' },
  paused: { name: 'Paused', bar: 'bg-bar-warning', before: 'paused', goesOn: 'paused', after: '' },
  circuit: {
    name: 'Circuit open',
    bar: 'bg-warning',
    before: 'held',
    goesOn: 'held',
    after: ' by an open circuit',
  },
  waiting: { name: 'Limit or turn', bar: 'bg-bar-wait', before: 'waited', goesOn: 'waiting', after: ' for its turn' },
  queued: { name: 'In queue', bar: 'bg-queued', before: 'in queue', goesOn: 'in queue', after: '' },
  running: { name: 'Running', bar: 'bg-running', before: 'ran', goesOn: 'running', after: '' },
}

export const LOG_TONE: Record<LogLine['level'], string> = { INFO: 'bg-faint', WARN: 'bg-warning', ERROR: 'bg-danger' }

/** The legend. It has only the kinds that occur in this timeline. */
export function Legend({ rows }: { rows: readonly TimelineRow[] }) {
  const kinds = new Set(rows.flatMap(({ spans }) => spans.map(({ kind }) => kind)))
  const shown = (Object.keys(KIND) as SpanKind[]).filter((kind) => kinds.has(kind) && kind !== 'running')
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-faint">
      {shown.map((kind) => (
        <li key={kind} className="flex items-center gap-1.5">
          <span aria-hidden className={cn('h-2 w-3 rounded-xs', KIND[kind].bar)} />
          {KIND[kind].name}
        </li>
      ))}
      {kinds.has('running') ? (
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="h-2 w-3 rounded-xs bg-linear-to-r from-bar-completed to-bar-failed" />
          Running, in the colour of its outcome
        </li>
      ) : null}
    </ul>
  )
}

/**
 * The times below the axis, in the reader's time zone. They are followed by the true lengths of the waits that are
 * drawn shorter.
 */
export function TickLabels({ axis }: { axis: Axis }) {
  // Within a few seconds, labels in whole seconds would all be the same. So they get milliseconds.
  const short = axis.ticks.at(-1)! - axis.ticks[0]! < 10_000
  const days = new Set(axis.ticks.map((time) => formatMonthDay(time)))
  return (
    <div className="relative h-8 border-t border-line text-2xs/4 text-faint tabular-nums">
      {axis.ticks.map((time, i) => {
        const last = i > 0 && i === axis.ticks.length - 1
        const label = short ? formatClock(time) : formatSecond(time)
        const newDay = days.size > 1 && (i === 0 || formatMonthDay(time) !== formatMonthDay(axis.ticks[i - 1]!))
        return (
          <time
            key={i}
            dateTime={new Date(time).toISOString()}
            title={formatBoth(time)}
            className={cn(
              'absolute top-1 whitespace-nowrap',
              last ? 'right-0 text-right' : i > 0 && '-translate-x-1/2 max-sm:hidden',
            )}
            style={last ? undefined : { left: `${axis.place(time)}%` }}
          >
            {label}
            {newDay ? <span className="block">{formatMonthDay(time)}</span> : null}
          </time>
        )
      })}
      {/* The lengths of more waits would cover each other. */}
      {axis.cuts.length <= 4
        ? axis.cuts.map(({ from, to, ms }) => (
            <span
              key={from}
              className="absolute top-4 -translate-x-1/2 whitespace-nowrap max-sm:hidden"
              style={{ left: `${(axis.place(from) + axis.place(to)) / 2}%` }}
            >
              {'// '}
              {formatDuration(ms)}
            </span>
          ))
        : null}
    </div>
  )
}
