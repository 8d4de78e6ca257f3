'use client'

import type { ReactNode } from 'react'
import { JobId } from '@/app/_components/job-id'
import { Page } from '@/app/_components/page/page'
import { ProgressBar } from '@/app/_components/progress-bar'
import { Elapsed } from '@/app/_components/relative-time'
import { StatusBadge } from '@/app/_components/status-badge'
import type { Job, JobType } from '@/app/_trpc/types'
import { PARENT_ENDED } from '../parent-ended'
import { JobActions } from './job-actions'
import { visibleContent, VisibleText } from '@/app/_components/visible-text'

const TONE = {
  COMPLETED: 'bg-bar-completed',
  RUNNING: 'bg-running',
  DEAD_LETTER: 'bg-bar-dead',
  FAILED: 'bg-failed',
  TIMED_OUT: 'bg-timedout',
} as const

/** The frame of a job's page: what the job is, its state, and the buttons for what can be done with it. */
export function JobFrame({
  job,
  type,
  noType,
  onChanged,
  onAgain,
  children,
}: {
  job: Job
  type: JobType | undefined
  /** Why the job cannot be run again where its type is undefined. */
  noType: string
  onChanged: () => void
  /** Opens the form that runs the job again. */
  onAgain: () => void
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
      actions={<JobActions job={job} type={type} noType={noType} onChanged={onChanged} onAgain={onAgain} />}
      below={<Progress job={job} />}
    >
      {children}
    </Page>
  )
}

/** The state of the job in one line. The line is always there, so nothing below it moves when work begins. */
function Progress({ job }: { job: Job }) {
  const tone = TONE[job.status as keyof typeof TONE] ?? 'bg-pending'
  return (
    <div className="mt-2 flex min-h-5 items-center gap-x-4 text-sm text-muted max-sm:flex-wrap">
      <span className="min-w-0 truncate max-sm:empty:hidden sm:flex-1">{visibleContent(summary(job))}</span>
      {hasReported(job) ? (
        <span className="flex min-w-0 items-center gap-2 max-sm:basis-full max-sm:order-last sm:w-72">
          <ProgressBar value={job.progress} label="Progress of the job" tone={tone} className="min-w-0 flex-1" />
          <span className="w-10 text-right font-medium text-ink tabular-nums">{job.progress}%</span>
        </span>
      ) : null}
      <Clock job={job} />
    </div>
  )
}

/**
 * True where it is certain that the handler has reported progress. A job begins at 0, and a completed one is always at
 * 100. So only a message or a number in between proves that.
 */
const hasReported = ({ progress, progressMessage }: Job) => progressMessage !== null || (progress > 0 && progress < 100)

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
      // The card about why the job waits already tells when it starts (why-it-waits.tsx).
      return null
    case 'QUEUED':
      return 'Handed to a worker'
    case 'FAILED':
    case 'TIMED_OUT':
      return `${job.failures} of ${job.maxRetries + 1} failures used`
    case 'CANCELED':
      return `Canceled${job.canceledBy ? ` by ${job.canceledBy.name}` : ''}${job.cancelReason ? `: ${job.cancelReason}` : ''}`
    case 'DEAD_LETTER':
      return job.error?.fingerprint === PARENT_ENDED
        ? 'A job that it waited for did not complete'
        : job.error?.class === 'PERMANENT'
          ? 'Not retried: the error is permanent'
          : `Gave up after ${job.attempt} ${job.attempt === 1 ? 'attempt' : 'attempts'}`
    case 'COMPLETED':
      return job.progressMessage
  }
}
