'use client'

import { cn } from '@/app/_components/cn'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { formatDuration, formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import type { Attempt, Job } from '@/app/_trpc/types'
import { lengthOf, segmentsOf, widths, type Segment } from './attempt-segments'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'

const OUTCOME: Record<NonNullable<Attempt['outcome']>, { label: string; tone: string; bar: string }> = {
  COMPLETED: { label: 'Completed', tone: 'text-completed', bar: 'bg-bar-completed' },
  FAILED: { label: 'Failed', tone: 'text-dead', bar: 'bg-bar-failed' },
  TIMED_OUT: { label: 'Timed out', tone: 'text-timedout', bar: 'bg-timedout' },
  CANCELED: { label: 'Canceled', tone: 'text-canceled', bar: 'bg-canceled' },
  LOST: { label: 'Worker lost', tone: 'text-failed', bar: 'bg-failed' },
  HANDED_BACK: { label: 'Handed back', tone: 'text-pending', bar: 'bg-pending' },
}
const NAME = { waiting: 'waited', queued: 'in queue', running: 'ran' } as const

/** One row an attempt. All begin at the left: backoffs of minutes would make the runs invisible. */
export function AttemptTimeline({ job, attempts }: { job: Job; attempts: Attempt[] | undefined }) {
  const live = attempts?.some((attempt) => !attempt.endedAt) ?? false
  const now = useNow(live ? 1000 : 3_600_000)
  if (!attempts) return <span className="skeleton block h-10" />

  const rows = attempts.map((attempt) => ({ attempt, segments: segmentsOf(attempt, now) }))
  const longest = Math.max(...rows.map((row) => lengthOf(row.segments)), 0)

  return (
    <div className="grid gap-3">
      {rows.length === 0 ? (
        <p className="text-sm text-muted">
          No attempt yet. Waiting for{' '}
          <Elapsed from={job.createdAt} to={job.finishedAt} className="font-medium text-ink" />
          {job.finishedAt ? ' until it ended' : ' so far'}.
        </p>
      ) : (
        <>
          <ol tabIndex={0} aria-label="Attempts" className="grid max-h-96 gap-2.5 overflow-y-auto">
            {rows.map(({ attempt, segments }) => (
              <Row key={attempt.attempt} attempt={attempt} segments={segments} longest={longest} />
            ))}
          </ol>
          <Legend />
        </>
      )}
      {(job.status === 'FAILED' || job.status === 'TIMED_OUT') && job.nextRetryAt ? (
        <p className="text-sm text-muted">
          Attempt {job.attempt + 1} <RelativeTime at={job.nextRetryAt} planned className="font-medium text-ink" />
        </p>
      ) : null}
    </div>
  )
}

function Row({ attempt, segments, longest }: { attempt: Attempt; segments: Segment[]; longest: number }) {
  const outcome = attempt.outcome ? OUTCOME[attempt.outcome] : null
  const share = widths(segments, longest)
  const words = segments
    .map((segment) => `${NAME[segment.kind]} ${formatDuration(segment.to - segment.from)}`)
    .join(', ')
  return (
    <li className="text-sm">
      <div className="mb-1 flex flex-wrap items-baseline gap-x-2">
        <span className="w-6 font-medium text-muted tabular-nums">#{attempt.attempt}</span>
        <span className={cn('font-medium', outcome?.tone ?? 'text-running')}>{outcome?.label ?? 'Running'}</span>
        {attempt.error ? (
          <span
            className="min-w-0 flex-1 truncate text-xs text-faint max-sm:order-last max-sm:basis-full max-sm:pl-8"
            title={visible(attempt.error.message)}
          >
            <VisibleText text={attempt.error.message} />
          </span>
        ) : null}
        <span
          className="ml-auto shrink-0 text-xs text-muted tabular-nums"
          title={`Started ${formatExact(Date.parse(attempt.startedAt))}`}
        >
          {words}
        </span>
      </div>
      <div aria-hidden className="ml-8 flex h-2.5 overflow-hidden rounded-sm bg-sunken">
        {segments.map((segment, i) => (
          <span
            key={segment.kind}
            title={`${NAME[segment.kind]} ${formatDuration(segment.to - segment.from)}`}
            className={cn(
              'h-full',
              segment.kind === 'waiting' && 'bg-bar-wait',
              segment.kind === 'queued' && 'bg-queued',
              segment.kind === 'running' && (outcome?.bar ?? 'bg-running'),
            )}
            style={{ width: `${share[i]}%` }}
          />
        ))}
      </div>
    </li>
  )
}

const Legend = () => (
  <ul aria-label="Legend" className="flex flex-wrap gap-4 pl-8 text-xs text-faint">
    {(
      [
        ['Waiting', 'bg-bar-wait'],
        ['In queue', 'bg-queued'],
        ['Running, in the colour of its outcome', 'bg-linear-to-r from-bar-completed to-bar-failed'],
      ] as const
    ).map(([label, tone]) => (
      <li key={label} className="flex items-center gap-1.5">
        <span aria-hidden className={cn('h-2 w-3 rounded-xs', tone)} />
        {label}
      </li>
    ))}
  </ul>
)
