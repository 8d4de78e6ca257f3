import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount, formatDuration, formatPercent, formatRate } from '@/app/_components/time'
import type { Overview } from '@/app/_trpc/types'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { completedPath, failedPath, longestWaitPath } from '@/app/_components/figures/figure-paths'

/** The reasons for which a job cannot start yet. Jobs with these reasons do not wait for Jobyard. */
const NOT_DUE: readonly string[] = ['WAITING_FOR_PARENTS', 'SCHEDULED', 'RETRY_BACKOFF']
const DUE = WAITING_CODES.filter((code) => !NOT_DUE.includes(code))

/** Above this share of failed attempts, and above this wait, the figure stands out. */
const HIGH_FAILURE_RATE = 0.1
const LONG_WAIT_SECONDS = 600

/**
 * The three figures that show whether all is well. Below each figure stands what it counts, with a link to those jobs.
 */
export function Vitals({ overview, rangeName }: { overview: Overview | undefined; rangeName: string }) {
  const { href } = useScope()
  const failure = overview?.failureRate ?? null
  const waiting = overview?.oldestWaitingSeconds ?? null
  const link = 'rounded hover:underline pointer-coarse:py-1'
  return (
    <Card id="vitals" title="Vitals" note={rangeName}>
      <dl className="grid grid-cols-3 gap-3">
        <Figure
          name="Jobs a minute"
          of={
            overview ? (
              <Link
                href={href(completedPath(overview))}
                prefetch={false}
                data-count={overview.completed}
                className={link}
              >
                {formatCount(overview.completed)} completed
              </Link>
            ) : null
          }
        >
          {overview ? formatRate(overview.throughputPerMinute) : null}
        </Figure>
        <Figure
          name="Attempts failed"
          tone={failure !== null && failure > HIGH_FAILURE_RATE ? 'text-failed' : undefined}
          of={
            overview ? (
              <Link href={href(failedPath(overview))} prefetch={false} data-failures={overview.failed} className={link}>
                {formatCount(overview.failed)} of {formatCount(overview.completed + overview.failed)}
              </Link>
            ) : null
          }
        >
          {overview ? formatPercent(failure) : null}
        </Figure>
        <Figure
          name="Longest wait now"
          tone={waiting !== null && waiting > LONG_WAIT_SECONDS ? 'text-warning' : undefined}
          of={
            !overview ? null : waiting === null ? (
              'nothing is due'
            ) : (
              <Link href={href(longestWaitPath(waiting, DUE))} prefetch={false} className={link}>
                Which waits
              </Link>
            )
          }
        >
          {overview ? (waiting === null ? '–' : formatDuration(waiting * 1000)) : null}
        </Figure>
      </dl>
    </Card>
  )
}

function Figure({ name, tone, of, children }: { name: string; tone?: string; of: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-faint">{name}</dt>
      <dd className={cn('mt-0.5 text-lg font-semibold tabular-nums', tone)}>
        {children ?? <span className="skeleton my-1 block h-4 w-12" />}
      </dd>
      <dd className="truncate text-xs text-muted tabular-nums">
        {of ?? <span className="skeleton my-0.5 block h-3 w-16" />}
      </dd>
    </div>
  )
}
