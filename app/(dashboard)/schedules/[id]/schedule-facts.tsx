'use client'

import { Card } from '@/app/_components/card'
import { CopyLine } from '@/app/_components/copy-line'
import { Fact } from '@/app/_components/fact'
import { PRIORITY_LABEL } from '@/app/_components/job-status'
import { RelativeTime } from '@/app/_components/relative-time'
import { formatExact } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { Schedule } from '@/app/_trpc/types'
import { NextRun } from '../schedule-row'
import { formatInZone, missedWords, OVERLAP_WORDS } from '../schedule-words'

/** When it runs, and by which rules. */
export function ScheduleFacts({ schedule }: { schedule: Schedule }) {
  const now = useNow(60_000)
  const next = schedule.upcoming.slice(0, 5)
  return (
    <Card id="facts" title="The schedule">
      <dl className="grid gap-3 text-sm">
        <Fact label="Times">
          {schedule.inWords}
          <span className="block text-xs text-muted">
            <span className="font-mono">{schedule.cron}</span> · {schedule.timeZone}
          </span>
        </Fact>
        <Fact label="Next run">
          <NextRun schedule={schedule} />
          {next.length > 1 ? (
            <span className="mt-1 block text-xs text-muted">
              Then{' '}
              {next
                .slice(1)
                .map((at) => formatInZone(at, schedule.timeZone, now))
                .join(' · ')}
            </span>
          ) : null}
        </Fact>
        <Fact label="Job type">
          <span className="font-mono text-xs">{schedule.jobType}</span>
          {schedule.priority ? (
            <span className="text-muted"> · {PRIORITY_LABEL[schedule.priority]} priority</span>
          ) : null}
        </Fact>
        <Fact label="Missed runs">{missedWords(schedule.missed)}</Fact>
        <Fact label="Overlaps">{OVERLAP_WORDS[schedule.overlap]}</Fact>
        {schedule.jitterSeconds > 0 ? (
          <Fact label="Spread">Up to {schedule.jitterSeconds} s after its time</Fact>
        ) : null}
        {/* Start and end are moments, so they stand in the time zone of the reader. */}
        {schedule.startAt ? <Fact label="Not before">{formatExact(Date.parse(schedule.startAt))}</Fact> : null}
        {schedule.endAt ? <Fact label="Not after">{formatExact(Date.parse(schedule.endAt))}</Fact> : null}
        <Fact label="Made by">
          <VisibleText text={schedule.createdBy.name} />, <RelativeTime at={schedule.createdAt} />
          <span className="block text-xs text-muted">Its jobs belong to the organization.</span>
        </Fact>
      </dl>
      <div className="mt-4">
        <CopyLine name="Id" text={schedule.id} />
      </div>
    </Card>
  )
}
