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
        <Row name="Job id">
          <span className="flex items-start gap-1">
            <span className="font-mono text-xs/5 wrap-anywhere">{job.id}</span>
            <CopyButton text={job.id} label="Copy full id" className="-my-1" />
          </span>
        </Row>
        <Row name="Type">
          <span className="font-mono text-xs/5 wrap-anywhere" title={type && visible(type.description)}>
            {job.jobType}
          </span>{' '}
          <span className="text-xs text-faint">version {job.jobTypeVersion}</span>
        </Row>
        {organization ? (
          <Row name="Organization">
            <VisibleText text={organization.name} />
          </Row>
        ) : null}
        <Row name={job.scheduleId ? 'Scheduled by' : 'Submitted by'}>
          {job.scheduleId ? (
            <Link href={href(`/schedules/${job.scheduleId}`)} className="rounded text-accent underline">
              <VisibleText text={job.submittedBy.name} />
            </Link>
          ) : (
            <VisibleText text={job.submittedBy.name} />
          )}
          {job.submittedBy.type === 'key' ? <span className="text-xs text-faint"> (API key)</span> : null}
        </Row>
        <Row name="Priority">
          <PriorityMark priority={job.priority} />
        </Row>
        <Row name="Attempts">
          <span className="tabular-nums">
            {job.attempt}
            <span className="text-faint">
              {' '}
              · {job.failures} failed, {job.maxRetries} {job.maxRetries === 1 ? 'retry' : 'retries'} allowed
            </span>
          </span>
        </Row>
        <Row name="Timeout">{formatDuration(job.timeoutSeconds * 1000)}</Row>
        <Row name="Created">
          <TimeOrDash at={job.createdAt} />
        </Row>
        {/* A time to run within a second of the submission means that no time was given. */}
        {Date.parse(job.runAt) - Date.parse(job.createdAt) > 1000 ? (
          <Row name="Run at">
            <TimeOrDash at={job.runAt} planned />
          </Row>
        ) : null}
        <Row name="Queued">
          <TimeOrDash at={job.queuedAt} />
        </Row>
        <Row name="Started">
          <TimeOrDash at={job.startedAt} />
        </Row>
        <Row name="Finished">
          <TimeOrDash at={job.finishedAt} />
        </Row>
        {job.nextRetryAt ? (
          <Row name="Next retry">
            <TimeOrDash at={job.nextRetryAt} planned />
          </Row>
        ) : null}
        {job.cancelRequestedAt ? (
          <Row name={job.status === 'CANCELED' ? 'Canceled by' : 'Cancel asked for by'}>
            <VisibleText text={job.canceledBy?.name ?? 'unknown'} />
            {job.cancelReason ? (
              <span className="block text-muted">
                <VisibleText text={job.cancelReason} />
              </span>
            ) : null}
          </Row>
        ) : null}
      </dl>
    </Card>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}

const TimeOrDash = ({ at, planned }: { at: string | null; planned?: boolean }) =>
  at ? <RelativeTime at={at} planned={planned} /> : <span className="text-faint">–</span>
