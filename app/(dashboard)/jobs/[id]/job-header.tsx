'use client'

import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { JobId } from '@/app/_components/job-id'
import { LiveIndicator } from '@/app/_components/live-indicator'
import { ProgressBar } from '@/app/_components/progress-bar'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
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

export function JobHeader({ job, type, onChanged }: { job: Job; type: JobType | undefined; onChanged: () => void }) {
  const { href } = useScope()
  const name = type?.displayName ?? job.jobType
  const canceling = job.cancelRequestedAt !== null
  const tone = TONE[job.status as keyof typeof TONE] ?? 'bg-pending'
  return (
    <header className="mb-4">
      <div className="flex items-center justify-between">
        <Link
          href={href('/jobs')}
          className="-ml-1 inline-flex items-center gap-0.5 rounded text-sm text-muted hover:text-ink pointer-coarse:py-2"
        >
          <ChevronLeft aria-hidden className="size-4" /> Jobs
        </Link>
        <LiveIndicator />
      </div>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-2.5">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">
          <VisibleText text={name} />
          {job.title === name ? null : (
            <>
              {' '}
              <bdi className="font-normal text-muted">
                <VisibleText text={job.title} />
              </bdi>
            </>
          )}
        </h1>
        <span aria-live="polite">
          <StatusBadge status={job.status} canceling={canceling} variant="pill" />
        </span>
        <JobId id={job.id} />
        <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
          <JobActions job={job} onChanged={onChanged} />
        </div>
      </div>
      <div className="mt-3 flex items-center gap-3">
        <ProgressBar value={job.progress} label="Progress of the job" tone={tone} className="min-w-0 flex-1" />
        <span className="w-9 text-right text-sm font-medium tabular-nums">{job.progress}%</span>
      </div>
      <p className="mt-1 flex min-h-5 justify-between gap-4 text-sm text-muted">
        <span className="min-w-0 truncate">{shown(summary(job))}</span>
        <Clock job={job} />
      </p>
    </header>
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
