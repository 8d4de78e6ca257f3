'use client'

import type { ReactNode } from 'react'
import { JobId } from '@/app/_components/job-id'
import { Page } from '@/app/_components/page/page'
import { ProgressBar } from '@/app/_components/progress-bar'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { StatusBadge } from '@/app/_components/status-badge'
import type { Job, JobType } from '@/app/_trpc/types'
import { JobActions } from './job-actions'
import { shown, VisibleText } from '@/app/_components/visible-text'

const TONE = {
  COMPLETED: 'bg-bar-completed',
  RUNNING: 'bg-running',
  DEAD_LETTER: 'bg-bar-failed',
  FAILED: 'bg-failed',
  TIMED_OUT: 'bg-timedout',
} as const

/** The frame of the job's page: what it is, how it stands, and what can be done with it. */
export function JobFrame({
  job,
  type,
  onChanged,
  children,
}: {
  job: Job
  type: JobType | undefined
  onChanged: () => void
  children: ReactNode
}) {
  const name = type?.displayName ?? job.jobType
  const titled = job.title !== name
  return (
    <Page
      back={{ path: '/jobs', label: 'Jobs' }}
      live
      tab={`${job.title} · ${name}`}
      title={
        <>
          <VisibleText text={name} />
          {titled ? (
            <>
              {' '}
              <bdi className="font-normal text-muted">
                <VisibleText text={job.title} />
              </bdi>
            </>
          ) : null}
        </>
      }
      aside={
        <>
          <span aria-live="polite">
            <StatusBadge status={job.status} canceling={job.cancelRequestedAt !== null} variant="pill" />
          </span>
          <JobId id={job.id} />
        </>
      }
      actions={<JobActions job={job} onChanged={onChanged} />}
      below={<Progress job={job} />}
    >
      {children}
    </Page>
  )
}

function Progress({ job }: { job: Job }) {
  const tone = TONE[job.status as keyof typeof TONE] ?? 'bg-pending'
  return (
    <>
      <div className="mt-3 flex items-center gap-3">
        <ProgressBar value={job.progress} label="Progress of the job" tone={tone} className="min-w-0 flex-1" />
        <span className="w-10 text-right text-sm font-medium tabular-nums">{job.progress}%</span>
      </div>
      <p className="mt-1 flex min-h-5 justify-between gap-4 text-sm text-muted">
        <span className="min-w-0 truncate">{shown(summary(job))}</span>
        <Clock job={job} />
      </p>
    </>
  )
}

function Clock({ job }: { job: Job }) {
  if (job.status === 'RUNNING' && job.startedAt)
    return (
      <span className="shrink-0">
        running for <Elapsed from={job.startedAt} to={null} />
      </span>
    )
  if (job.finishedAt && job.startedAt)
    return (
      <span className="shrink-0">
        ran <Elapsed from={job.startedAt} to={job.finishedAt} />
      </span>
    )
  return null
}

function summary(job: Job) {
  switch (job.status) {
    case 'RUNNING':
      return job.cancelRequestedAt ? 'Cancel requested; the handler is being stopped' : job.progressMessage
    case 'PENDING':
      // What else it waits for is said below, by the engine (why-it-waits.tsx).
      return Date.parse(job.runAt) > Date.now() + 1000 ? (
        <>
          Starts <RelativeTime at={job.runAt} planned />
        </>
      ) : null
    case 'QUEUED':
      return 'Handed to a worker'
    case 'FAILED':
    case 'TIMED_OUT':
      return job.nextRetryAt ? (
        <>
          Next attempt <RelativeTime at={job.nextRetryAt} planned />, failure {job.failures} of {job.maxRetries + 1}{' '}
          allowed
        </>
      ) : null
    case 'CANCELED':
      return `Canceled${job.canceledBy ? ` by ${job.canceledBy.name}` : ''}${job.cancelReason ? `: ${job.cancelReason}` : ''}`
    case 'DEAD_LETTER':
      return job.error?.class === 'PERMANENT'
        ? 'Not retried: the error is permanent'
        : `Gave up after ${job.attempt} ${job.attempt === 1 ? 'attempt' : 'attempts'}`
    case 'COMPLETED':
      return job.progressMessage
  }
}
