'use client'

import { useQuery } from '@tanstack/react-query'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { STATUS_META } from '@/app/_components/job-status'
import { ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import type { ScheduleDay } from '@/app/_trpc/types'
import { aheadOf, behindOf, lookOf, partWords, sumWords, type Look } from './day-shape'
import { organizationOf } from './schedule-words'

/** Schedules send no events, so the strip is read again at this interval. */
const READ_AGAIN_MS = 30_000

/** What the strip shows. The page asks for it together with its list, so that the strip does not move the list. */
export function useDay() {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  return useQuery(
    trpc.schedules.day.queryOptions(organizationId ? { organizationId } : {}, {
      enabled: ready,
      placeholderData: keptWithin(organizationId),
      refetchInterval: READ_AGAIN_MS,
    }),
  )
}

/** The last and the next 24 hours of the schedules on one line of time each: what ran, and what will. */
export function DayStrip({ day: { data, error, refetch } }: { day: ReturnType<typeof useDay> }) {
  const { organizationId, me } = useScope()
  const now = useNow(60_000)
  if (error && !data)
    return (
      <Card id="day" title="The last and the next 24 hours" className="mb-4">
        <ErrorState compact error={error} onRetry={() => void refetch()} />
      </Card>
    )
  if (!data) return <span aria-hidden className="skeleton mb-4 block h-32 rounded-lg" />
  // `now` is 0 while the server draws the page, which does not know the reader's time.
  if (data.items.length === 0 || now === 0) return null
  const more = data.total - data.items.length
  const organizations = organizationId ? [] : (me?.organizations ?? [])
  return (
    <Card id="day" title="The last and the next 24 hours" className="mb-4">
      <div className="grid grid-cols-[minmax(0,6rem)_minmax(0,1fr)] gap-x-3 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)]">
        {data.items.map((day) => (
          <Line key={day.id} day={day} now={now} organization={organizationOf(day, organizations)} />
        ))}
        <span />
        <div aria-hidden className="mt-1 flex justify-between text-2xs text-muted tabular-nums">
          <span>24 h ago</span>
          <span>now</span>
          <span>in 24 h</span>
        </div>
      </div>
      <ul aria-hidden className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-2xs text-muted">
        {KEY.map(({ label, look }) => (
          <li key={label} className="flex items-center gap-1.5">
            <span className="relative h-5 w-1.5">
              <span className={cn('absolute inset-x-0 top-1/2 rounded-xs', look)} />
            </span>
            {label}
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <p className="mt-2 text-xs text-faint">
          {more.toLocaleString('en')} more {more === 1 ? 'schedule has' : 'schedules have'} runs in this time.
        </p>
      ) : null}
    </Card>
  )
}

/**
 * How a part of the day is drawn: in the colour that its state has everywhere, and in a height, a place or an outline of
 * its own, so that nobody has to tell them apart by colour.
 */
const LOOKS: Record<Look, string> = {
  dead: '-translate-y-1/2 h-5 bg-bar-dead',
  failed: '-translate-y-full h-2.5 bg-bar-failed',
  refused: 'h-2.5 bg-bar-warning',
  unfinished: '-translate-y-1/2 h-3.5 bg-running-soft ring-1 ring-inset ring-running',
  completed: '-translate-y-1/2 h-3.5 bg-bar-completed',
  canceled: '-translate-y-1/2 h-2 bg-canceled-soft ring-1 ring-inset ring-canceled',
  skipped: '-translate-y-1/2 h-1 bg-line-strong',
}
const PLANNED = '-translate-y-1/2 h-3.5 bg-accent'
const KEY = [
  { label: STATUS_META.COMPLETED.label, look: LOOKS.completed },
  { label: 'Not finished', look: LOOKS.unfinished },
  { label: STATUS_META.DEAD_LETTER.label, look: LOOKS.dead },
  { label: `${STATUS_META.FAILED.label}, tried again`, look: LOOKS.failed },
  { label: 'Refused', look: LOOKS.refused },
  { label: STATUS_META.CANCELED.label, look: LOOKS.canceled },
  { label: 'Missed or left out', look: LOOKS.skipped },
  { label: 'Planned', look: PLANNED },
]

function Line({ day, now, organization }: { day: ScheduleDay; now: number; organization: string | null }) {
  const { marks, band } = aheadOf(day, now)
  const { parts, unknown } = behindOf(day, now)
  return (
    <>
      <span
        className="truncate text-xs/6 text-muted"
        title={organization === null ? day.name : `${day.name}, ${organization}`}
      >
        <VisibleText text={day.name} />
        {organization === null ? null : (
          <span className="text-faint">
            {' '}
            · <VisibleText text={organization} />
          </span>
        )}
      </span>
      <div className="relative h-6 border-x border-line">
        <span aria-hidden className="absolute inset-x-0 top-1/2 border-t border-line" />
        <span aria-hidden className="absolute inset-y-0 left-1/2 border-l border-dashed border-line-strong" />
        {unknown === null ? null : (
          <span
            aria-hidden
            title="More ran than is shown here"
            className="absolute top-2 left-0 h-2 rounded-sm bg-sunken ring-1 ring-line-strong"
            style={{ width: `${unknown}%` }}
          />
        )}
        {band === null ? null : (
          <span
            aria-hidden
            title="Too often to be drawn one by one"
            className="absolute top-2 right-0 h-2 rounded-sm bg-accent-soft ring-1 ring-accent"
            style={{ left: `${band}%` }}
          />
        )}
        {parts.map(({ part, left, width }) => (
          <span
            key={part.from}
            aria-hidden
            data-look={lookOf(part)}
            title={partWords(part)}
            className={cn('absolute top-1/2 min-w-0.5 rounded-xs', LOOKS[lookOf(part)])}
            style={{ left: `${left}%`, width: `calc(${width}% - 1px)` }}
          />
        ))}
        {marks.map((place) => (
          <span
            key={place}
            aria-hidden
            className={cn('absolute top-1/2 w-1 -translate-x-1/2 rounded-xs', PLANNED)}
            style={{ left: `${place}%` }}
          />
        ))}
        <span className="sr-only">{sumWords(day, band === null ? marks.length : null)}</span>
      </div>
    </>
  )
}
