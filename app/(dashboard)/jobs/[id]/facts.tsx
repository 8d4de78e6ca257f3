'use client'

import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { CopyButton } from '@/app/_components/copy-button'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { formatDuration } from '@/app/_components/time'
import type { Job, JobType } from '@/app/_trpc/types'
import { PriorityMark } from '../job-columns'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'

/** The details of a job, such as who submitted it, when it ran and how often it was tried. */
export function Facts({ job, type }: { job: Job; type: JobType | undefined }) {
  const { me, href } = useScope()
  const organization = me?.organizations.find(({ id }) => id === job.organizationId)
  return (
    <Card id="facts" title="Details">
      <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-2 text-sm">
        <Fact name="Job id">
          <span className="flex items-start gap-1">
            <span className="font-mono text-xs/5 wrap-anywhere">{job.id}</span>
            <CopyButton text={job.id} label="Copy full id" className="-my-1" />
          </span>
        </Fact>
        <Fact name="Type">
          <span className="font-mono text-xs/5 wrap-anywhere" title={type && visible(type.description)}>
            {job.jobType}
          </span>{' '}
          <span className="text-xs text-faint">version {job.jobTypeVersion}</span>
        </Fact>
        {organization ? (
          <Fact name="Organization">
            <VisibleText text={organization.name} />
          </Fact>
        ) : null}
        <Fact name={job.scheduleId ? 'Scheduled by' : 'Submitted by'}>
          {job.scheduleId ? (
            <Link href={href(`/schedules/${job.scheduleId}`)} className="rounded text-accent underline">
              <VisibleText text={job.submittedBy.name} />
            </Link>
          ) : (
            <VisibleText text={job.submittedBy.name} />
          )}
          {job.submittedBy.type === 'key' ? <span className="text-xs text-faint"> (API key)</span> : null}
        </Fact>
        <Fact name="Priority">
          <PriorityMark priority={job.priority} />
        </Fact>
        <Fact name="Attempts">
          <span className="tabular-nums">
            {job.attempt}
            <span className="text-faint">
              {' '}
              · {job.failures} failed, {job.maxRetries} {job.maxRetries === 1 ? 'retry' : 'retries'} allowed
            </span>
          </span>
        </Fact>
        <Fact name="Timeout">{formatDuration(job.timeoutSeconds * 1000)}</Fact>
        <Fact name="Created">
          <TimeOrDash at={job.createdAt} />
        </Fact>
        {job.runAt !== job.createdAt && Date.parse(job.runAt) - Date.parse(job.createdAt) > 1000 ? (
          <Fact name="Run at">
            <TimeOrDash at={job.runAt} planned />
          </Fact>
        ) : null}
        <Fact name="Queued">
          <TimeOrDash at={job.queuedAt} />
        </Fact>
        <Fact name="Started">
          <TimeOrDash at={job.startedAt} />
        </Fact>
        <Fact name="Finished">
          <TimeOrDash at={job.finishedAt} />
        </Fact>
        {job.nextRetryAt ? (
          <Fact name="Next retry">
            <TimeOrDash at={job.nextRetryAt} planned />
          </Fact>
        ) : null}
        {job.cancelRequestedAt ? (
          <Fact name="Canceled by">
            <VisibleText text={job.canceledBy?.name ?? 'unknown'} />
            {job.cancelReason ? (
              <span className="block text-muted">
                <VisibleText text={job.cancelReason} />
              </span>
            ) : null}
          </Fact>
        ) : null}
      </dl>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}

const TimeOrDash = ({ at, planned }: { at: string | null; planned?: boolean }) =>
  at ? <RelativeTime at={at} planned={planned} /> : <span className="text-faint">–</span>
