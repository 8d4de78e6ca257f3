'use client'

import { useState } from 'react'
import { cn } from '@/app/_components/cn'
import { STATUS_META } from '@/app/_components/job-status'
import { Segmented } from '@/app/_components/segmented'
import { formatBoth } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { Attempt, HistoryItem, Job, Outputs } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { axisOf, logMarks, type Axis } from './timeline-axis'
import { KIND, Legend, LOG_TONE, OUTCOME, TickLabels } from './timeline-parts'
import { timelineOf, type Hold, type TimelineRow } from './timeline-spans'
import { spanWords } from './timeline-words'

interface Props {
  job: Job
  attempts: readonly Attempt[]
  history: readonly HistoryItem[]
  parentsDoneAt: number | null
  /** What held the job back, and when its handler logged. Undefined while it is not known. */
  holds: readonly Hold[] | undefined
  logs: Logs | undefined
}
type Logs = readonly Outputs['jobs']['timeline']['logs'][number][]
const NONE: readonly never[] = []

/** The waits, attempts, changes of status and log lines of one job, all on one axis of time. */
export function Timeline({ job, attempts, history, parentsDoneAt, holds = NONE, logs = NONE }: Props) {
  const [toScale, setToScale] = useState(false)
  const ended = job.finishedAt !== null
  // The timeline of a job that has ended does not grow, so its hook may run once in an hour.
  const now = useNow(ended ? 3_600_000 : 1000)
  const rows = timelineOf({ job, attempts, history, parentsDoneAt, holds, now })
  const times = [...rows.flatMap(({ spans }) => spans.map(({ to }) => to)), ...history.map(({ at }) => Date.parse(at))]
  const from = Date.parse(job.createdAt)
  const range = { from, to: Math.max(from, ended ? 0 : now, ...times) }
  const axis = axisOf(rows, range, !toScale)
  const marks = logMarks(logs, axis.place)

  return (
    <div className="grid gap-3">
      <ol
        tabIndex={0}
        aria-label="Attempts"
        className="grid max-h-96 grid-cols-[minmax(0,1fr)] gap-2.5 overflow-y-auto"
      >
        {rows.map((row, i) => (
          <Row
            key={row.attempt?.attempt ?? `wait ${i}`}
            row={row}
            axis={axis}
            next={(attempts.at(-1)?.attempt ?? 0) + 1}
          />
        ))}
      </ol>
      <div className="grid gap-1.5">
        <Lane label="Status">
          {history.map(({ at, toStatus, fromStatus }, i) =>
            // A mark is 2 px wide. The last one stays inside.
            fromStatus === toStatus ? null : (
              <span
                key={i}
                title={`${STATUS_META[toStatus].label}, ${formatBoth(Date.parse(at))}`}
                className={cn('absolute top-0.5 h-3 w-0.5 rounded-full bg-current', STATUS_META[toStatus].tone)}
                style={{ left: `min(${axis.place(Date.parse(at))}%, 100% - 2px)` }}
              />
            ),
          )}
        </Lane>
        {marks.length > 0 ? (
          <Lane label="Log" words={logWords(logs)}>
            {marks.map(({ at, count, level }) => (
              <span
                key={at}
                title={`${count} ${count === 1 ? 'line' : 'lines'} of the log`}
                className={cn('absolute top-0.5 h-3 w-0.5 rounded-full', LOG_TONE[level])}
                style={{ left: `min(${at}%, 100% - 2px)` }}
              />
            ))}
          </Lane>
        ) : null}
        <TickLabels axis={axis} />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Legend rows={rows} />
        {axis.canCut ? (
          <Segmented
            label="Scale of the timeline"
            value={toScale ? 'scale' : 'cut'}
            onChange={(next) => setToScale(next === 'scale')}
            options={[
              { value: 'cut', label: 'Long waits cut' },
              { value: 'scale', label: 'To scale' },
            ]}
          />
        ) : null}
      </div>
    </div>
  )
}

/** @param next the number of the attempt that follows a wait which still goes on */
function Row({ row, axis, next }: { row: TimelineRow; axis: Axis; next: number }) {
  const { attempt, spans, open } = row
  const outcome = attempt?.outcome ? OUTCOME[attempt.outcome] : null
  const words = spanWords(row)
  return (
    <li className="text-sm">
      <div className="mb-1 flex flex-wrap items-baseline gap-x-2">
        <span className="min-w-6 font-medium text-muted tabular-nums">
          {attempt ? `#${attempt.attempt}` : open ? `#${next}` : 'Never ran'}
        </span>
        {attempt || open ? (
          <span className={cn('font-medium', outcome?.tone ?? (attempt ? 'text-running' : 'text-pending'))}>
            {outcome?.label ?? (attempt ? 'Running' : 'Not started')}
          </span>
        ) : null}
        {attempt?.error ? (
          <span
            className="min-w-0 flex-1 truncate text-xs text-faint max-sm:order-last max-sm:basis-full"
            title={visible(attempt.error.message)}
          >
            <VisibleText text={attempt.error.message} />
          </span>
        ) : null}
        <span
          className="ml-auto text-right text-xs text-muted tabular-nums"
          title={attempt ? `Started ${formatBoth(Date.parse(attempt.startedAt))}` : undefined}
        >
          {words.join(', ')}
        </span>
      </div>
      <div aria-hidden className="relative h-2.5 overflow-hidden rounded-sm bg-sunken">
        <CutMarks axis={axis} />
        {spans.map((span, i) => (
          <span
            key={`${span.kind} ${span.from}`}
            title={[words[i], span.hold && holdText(span.hold)].filter(Boolean).join('. ')}
            className={cn(
              'absolute inset-y-0 min-w-0.5',
              span.kind === 'running' ? (outcome?.bar ?? 'bg-running') : KIND[span.kind].bar,
            )}
            style={{
              left: `min(${axis.place(span.from)}%, 100% - 2px)`,
              width: `${axis.place(span.to) - axis.place(span.from)}%`,
            }}
          />
        ))}
      </div>
    </li>
  )
}

/** What was paused, by the target of a hold. A circuit is no pause and gets a sentence of its own. */
const PAUSED = { platform: 'The platform', organization: 'The organization', jobType: 'The job type', circuit: '' }
/** What held the job back, as a sentence without a full stop. */
function holdText({ kind, target, by, reason, from }: Hold): string {
  const since = formatBoth(Date.parse(from))
  if (kind === 'circuit') return `The circuit of its job type opened ${since}`
  return visible(`${PAUSED[target]} was paused by ${by.name} ${since}${reason ? `: ${reason}` : ''}`)
}

/** The marks of the log in words, for those who cannot see them. */
function logWords(logs: Logs): string {
  const lines = logs.reduce((sum, { count }) => sum + count, 0)
  const bad = logs.filter(({ level }) => level !== 'INFO').length
  const places = `with warnings or errors at ${bad} ${bad === 1 ? 'moment' : 'moments'}`
  return `The handler logged ${lines === 1 ? '1 line' : `${lines.toLocaleString('en')} lines`}, ${bad > 0 ? places : 'none a warning or an error'}.`
}

/** Marks in every row where a long wait is drawn shorter. */
const CutMarks = ({ axis }: { axis: Axis }) =>
  axis.cuts.map(({ from, to }) => (
    <span
      key={from}
      className="absolute inset-y-0 z-10 w-px -skew-x-12 bg-surface outline-2 outline-surface"
      style={{ left: `${(axis.place(from) + axis.place(to)) / 2}%` }}
    />
  ))

/**
 * Marks below the attempts, which a screen reader passes over. `words` tells it of them in one sentence. Statuses need
 * no such words, because the history lists each of them.
 */
const Lane = ({ label, words, children }: { label: string; words?: string; children: React.ReactNode }) => (
  <div className="relative h-4 border-t border-line">
    {words ? <span className="sr-only">{words}</span> : null}
    <div aria-hidden>
      <span className="absolute top-0.5 right-0 z-10 bg-surface pl-1 text-2xs/3 text-faint">{label}</span>
      {children}
    </div>
  </div>
)
