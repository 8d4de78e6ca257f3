'use client'

import { Card } from '@/app/_components/card'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { Schedule } from '@/app/_trpc/types'
import { aheadOf, inStrip, placeIn } from './day-shape'
import { RunSquare } from './run-squares'

/** Rows of the strip. */
const SHOWN = 10

/** The last and the next 24 hours of all schedules on one line of time each: what ran, and what will. */
export function DayStrip({ schedules }: { schedules: Schedule[] }) {
  const now = useNow(60_000)
  const all = inStrip(schedules, now)
  if (all.length === 0 || now === 0) return null
  return (
    <Card id="day" title="The last and the next 24 hours" className="mb-4">
      <div className="grid grid-cols-[minmax(0,6rem)_minmax(0,1fr)] gap-x-3 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)]">
        {all.slice(0, SHOWN).map((schedule) => (
          <Line key={schedule.id} schedule={schedule} now={now} />
        ))}
        <span />
        <div aria-hidden className="mt-1 flex justify-between text-2xs text-muted tabular-nums">
          <span>24 h ago</span>
          <span>now</span>
          <span>in 24 h</span>
        </div>
      </div>
      {all.length > SHOWN ? (
        <p className="mt-2 text-xs text-faint">
          {all.length - SHOWN} more {all.length - SHOWN === 1 ? 'schedule has' : 'schedules have'} runs in this time.
        </p>
      ) : null}
    </Card>
  )
}

function Line({ schedule, now }: { schedule: Schedule; now: number }) {
  const { marks, band } = aheadOf(schedule, now)
  const past = schedule.lastRuns.flatMap((run) => {
    const place = placeIn(run.plannedAt, now)
    return place === null ? [] : [{ run, place }]
  })
  return (
    <>
      <span className="truncate text-xs/6 text-muted" title={schedule.name}>
        <VisibleText text={schedule.name} />
      </span>
      <div className="relative h-6 border-x border-line">
        <span aria-hidden className="absolute inset-x-0 top-1/2 border-t border-line" />
        <span aria-hidden className="absolute inset-y-0 left-1/2 border-l border-dashed border-line-strong" />
        {band === null ? null : (
          <span
            aria-hidden
            title="Too often to be drawn one by one"
            className="absolute top-2 right-0 h-2 rounded-sm bg-accent-soft ring-1 ring-accent"
            style={{ left: `${band}%` }}
          />
        )}
        {marks.map((place) => (
          <span
            key={place}
            aria-hidden
            className="absolute top-1 h-4 w-1 -translate-x-1/2 rounded-sm bg-accent"
            style={{ left: `${place}%` }}
          />
        ))}
        {past.map(({ run, place }) => (
          <span
            key={run.plannedAt}
            aria-hidden
            className="absolute top-1 -translate-x-1/2"
            style={{ left: `${place}%` }}
          >
            <RunSquare run={run} />
          </span>
        ))}
        <span className="sr-only">
          {past.length} of its last runs, {band === null ? marks.length : 'many'} planned
        </span>
      </div>
    </>
  )
}
