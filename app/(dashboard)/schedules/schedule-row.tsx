'use client'

import { Pencil, Play, Trash2 } from 'lucide-react'
import Link from '@/app/_components/link'
import { Button, LinkButton } from '@/app/_components/button'
import { may } from '@/app/_components/may'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { Switch } from '@/app/_components/switch'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { Schedule } from '@/app/_trpc/types'
import { DeleteSchedule } from './delete-schedule'
import { RunSquares } from './run-squares'
import { formatInZone, HOLD_WORDS, organizationOf } from './schedule-words'
import { useScheduleActs } from './use-schedule-acts'

/** One schedule of the list: what, when, what became of its last runs, and what can be done with it. */
export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { href, viewer, organizationId, me } = useScope()
  const acts = useScheduleActs(schedule)
  const organization = organizationId ? null : organizationOf(schedule, me?.organizations ?? [])
  const manages = may(viewer, 'schedules.manage')
  return (
    <li className="grid gap-x-4 gap-y-2 px-4 py-3 text-sm md:grid-cols-[minmax(0,3fr)_minmax(0,3fr)_minmax(0,3fr)_auto] md:items-center">
      <div className="min-w-0">
        <Link href={href(`/schedules/${schedule.id}`)} className="rounded font-medium wrap-anywhere hover:underline">
          <VisibleText text={schedule.name} />
        </Link>
        <p className="truncate font-mono text-xs text-muted">{schedule.jobType}</p>
        {organization === null ? null : (
          <p className="truncate text-xs text-muted">
            <VisibleText text={organization} />
          </p>
        )}
      </div>
      <div className="min-w-0">
        <p className="wrap-anywhere">{schedule.inWords}</p>
        <p className="truncate text-xs text-muted">
          <span className="font-mono">{schedule.cron}</span> · {schedule.timeZone}
        </p>
      </div>
      <div className="min-w-0">
        <NextRun schedule={schedule} label="Next " />
        <div className="mt-1">
          <RunSquares runs={schedule.lastRuns} />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {manages ? (
          <Switch
            label={`${schedule.name} is switched on`}
            on={schedule.enabled}
            busy={acts.switching}
            onChange={acts.setEnabled}
          />
        ) : null}
        {may(viewer, 'schedules.run') ? (
          <Button size="sm" onClick={acts.runNow} busy={acts.running} aria-label={`Run now: ${schedule.name}`}>
            <Play aria-hidden /> Run now
          </Button>
        ) : null}
        {manages ? (
          <>
            <LinkButton
              size="sm"
              href={href(`/schedules/${schedule.id}/edit`)}
              aria-label={`Change ${schedule.name}`}
              title="Change"
            >
              <Pencil aria-hidden />
            </LinkButton>
            <DeleteSchedule schedule={schedule}>
              <Trash2 aria-hidden />
            </DeleteSchedule>
          </>
        ) : null}
      </div>
    </li>
  )
}

/** When a schedule runs next, or why it does not. `label` stands before the time where no heading says what it is. */
export function NextRun({ schedule, label = '' }: { schedule: Schedule; label?: string }) {
  const now = useNow(60_000)
  if (!schedule.enabled) return <StatePill state="OFF" label="Off" soft="bg-sunken text-muted" />
  if (!schedule.nextRunAt) return <StatePill state="OVER" label="Over" soft="bg-sunken text-muted" />
  if (schedule.heldBy)
    return <StatePill state="HELD" label={HOLD_WORDS[schedule.heldBy]} soft="bg-pending-soft text-pending" />
  return (
    <p>
      {label}
      <RelativeTime at={schedule.nextRunAt} planned className="font-medium" />
      <span className="block text-xs text-muted tabular-nums">
        {formatInZone(schedule.nextRunAt, schedule.timeZone, now)}
        {schedule.jitterSeconds > 0 ? `, up to ${schedule.jitterSeconds} s later` : ''}
      </span>
    </p>
  )
}
