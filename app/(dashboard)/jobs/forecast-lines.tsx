'use client'

import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import { cn } from '@/app/_components/cn'
import type { BulkKind } from '@/app/_components/job-status'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { Forecast } from '@/app/_trpc/types'
import { forecastLines } from './forecast-words'

/**
 * What to know before a bulk action. Reasons that will hold the jobs back stand out. Before a retry of jobs that
 * nothing will hold back, it says so.
 */
export function ForecastLines({ kind, forecast }: { kind: BulkKind; forecast: Forecast }) {
  const now = useNow(15_000)
  const lines = forecastLines(kind, forecast, now)
  if (lines.length === 0)
    return kind === 'retry' && forecast.would > 0 ? (
      <p className="flex gap-2 rounded bg-sunken px-2.5 py-1.5 text-sm text-muted">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-completed" />
        Nothing holds them afterwards: no circuit is open, nothing is paused, no limit is in the way.
      </p>
    ) : null
  return (
    <ul aria-label="What to know before" className="grid gap-1.5 text-sm">
      {lines.map(({ key, text, holds }) => {
        const Icon = holds ? TriangleAlert : Info
        return (
          <li
            key={key}
            data-holds={holds || undefined}
            className={cn(
              'flex gap-2 rounded px-2.5 py-1.5 wrap-anywhere',
              holds ? 'bg-warning-soft text-warning' : 'bg-sunken text-muted',
            )}
          >
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span>
              <VisibleText text={text} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
