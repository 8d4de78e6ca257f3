'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import Link from '@/app/_components/link'
import { GrowingList } from '@/app/_components/growing-list'
import { useScope } from '@/app/_components/shell/organization'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { Schedule, ScheduleRun } from '@/app/_trpc/types'
import { RunSquare } from '../run-squares'
import { formatInZone, runWords, TRIGGER_WORDS } from '../schedule-words'

const PAGE = 25
/** A run that has no job sends no event, so the list is read again at this interval. */
const READ_AGAIN_MS = 5_000

/** What became of each run, newest first. Missed runs may stand together as one. */
export function RunsCard({ schedule }: { schedule: Schedule }) {
  const trpc = useTRPC()
  const { href } = useScope()
  const list = useInfiniteQuery(
    trpc.schedules.runs.infiniteQueryOptions(
      { scheduleId: schedule.id, limit: PAGE },
      { getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: READ_AGAIN_MS },
    ),
  )
  const runs = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <GrowingList
      id="runs"
      title="Runs"
      label="Runs, newest first"
      list={list}
      empty={runs.length === 0}
      icon={History}
      nothing={{ title: 'No run yet', text: 'Each run is kept here, with its job or why there is none.' }}
      actions={
        <Link href={href(`/jobs?schedule=${schedule.id}`)} className="rounded px-1 text-xs text-accent underline">
          All its jobs
        </Link>
      }
    >
      {runs.map((run) => (
        <Run key={run.plannedAt} run={run} timeZone={schedule.timeZone} />
      ))}
    </GrowingList>
  )
}

function Run({ run, timeZone }: { run: ScheduleRun; timeZone: string }) {
  const { href } = useScope()
  const now = useNow(60_000)
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 px-4 py-2 text-sm sm:grid-cols-[auto_11rem_minmax(0,1fr)_auto] sm:items-center">
      <RunSquare run={run} className="mt-0.5 sm:mt-0" />
      <time dateTime={run.plannedAt} className="tabular-nums">
        {formatInZone(run.plannedAt, timeZone, now)}
      </time>
      <span className="col-start-2 min-w-0 sm:col-start-auto">
        {run.jobStatus && run.jobId ? (
          <Link href={href(`/jobs/${run.jobId}`)} className="rounded text-accent underline">
            {runWords(run)}
          </Link>
        ) : (
          <span className="text-muted">{runWords(run)}</span>
        )}
        {run.message ? (
          <span className="block text-xs text-muted wrap-anywhere">
            <VisibleText text={run.message} />
          </span>
        ) : null}
      </span>
      <span className="col-start-2 text-xs text-muted sm:col-start-auto">{TRIGGER_WORDS[run.trigger]}</span>
    </li>
  )
}
