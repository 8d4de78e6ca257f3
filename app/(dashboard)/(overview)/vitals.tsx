import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { formatDuration, formatRate } from '@/app/_components/time'
import type { Overview } from '@/app/_trpc/types'

/** The four figures that tell whether all is well. */
export function Vitals({ overview, rangeName }: { overview: Overview | undefined; rangeName: string }) {
  const failure = overview?.failureRate ?? null
  const waiting = overview?.oldestWaitingSeconds ?? null
  return (
    <Card id="vitals" title="Vitals" note={rangeName}>
      <dl className="grid grid-cols-3 gap-3">
        <Figure name="Jobs a minute">{overview ? formatRate(overview.throughputPerMinute) : null}</Figure>
        <Figure name="Attempts failed" tone={failure !== null && failure > 0.1 ? 'text-dead' : undefined}>
          {overview
            ? failure === null
              ? '–'
              : `${(failure * 100).toFixed(failure > 0 && failure < 0.1 ? 1 : 0)} %`
            : null}
        </Figure>
        <Figure name="Longest wait now" tone={waiting !== null && waiting > 600 ? 'text-failed' : undefined}>
          {overview ? (waiting === null ? 'none' : formatDuration(waiting * 1000)) : null}
        </Figure>
      </dl>
    </Card>
  )
}

function Figure({ name, tone, children }: { name: string; tone?: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-faint">{name}</dt>
      <dd className={cn('mt-0.5 text-lg font-semibold tabular-nums', tone)}>
        {children ?? <span className="skeleton my-1 block h-4 w-12" />}
      </dd>
    </div>
  )
}
