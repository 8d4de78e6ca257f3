'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import { Button } from '@/app/_components/button'
import { isFinal } from '@/app/_components/job-status'
import { ErrorState } from '@/app/_components/page/states'
import { waitingWords } from '@/app/_components/prose-words'
import { useScope } from '@/app/_components/shell/organization'
import { StatusBadge } from '@/app/_components/status-badge'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import { triedWords } from './tried-words'

/** The job and what it waits for are read again at this interval, until the job has ended. */
const READ_AGAIN_MS = 1_000

interface Props {
  jobId: string
  /** How many jobs of the cause are still dead. */
  left: number
  onRetryAll: () => void
}

/**
 * Before all jobs of a cause are retried, one of them can be tried. This shows how that job does, from its retry to its
 * end. Where it completes, there is a button that retries the others.
 */
export function TriedJob({ jobId, left, onRetryAll }: Props) {
  const trpc = useTRPC()
  const { href } = useScope()
  const job = useQuery(
    trpc.jobs.get.queryOptions(
      { jobId },
      {
        staleTime: 0,
        refetchInterval: ({ state }) => (state.data && isFinal(state.data.status) ? false : READ_AGAIN_MS),
      },
    ),
  )
  const waits = job.data !== undefined && (job.data.status === 'PENDING' || job.data.status === 'QUEUED')
  const why = useQuery(
    trpc.jobs.explain.queryOptions({ jobId }, { enabled: waits, staleTime: 0, refetchInterval: READ_AGAIN_MS }),
  )
  const now = useNow(15_000)
  const reason = waits ? why.data?.reasons[0] : undefined
  if (job.error && !job.data) return <ErrorState compact error={job.error} onRetry={() => void job.refetch()} />
  if (!job.data) return <span className="skeleton block h-10" />
  return (
    <div className="rounded-md border border-line bg-surface px-3 py-2 text-sm shadow-card">
      <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusBadge status={job.data.status} />
        <span className="min-w-0 flex-1 basis-48 wrap-anywhere">
          <VisibleText text={triedWords(job.data, reason && waitingWords(reason, now))} />
        </span>
        <JobIdLink job={job.data} href={href} />
        {job.data.status === 'COMPLETED' && left > 0 ? (
          <Button size="sm" variant="primary" onClick={onRetryAll}>
            Retry the other {left.toLocaleString('en')}
          </Button>
        ) : null}
      </div>
    </div>
  )
}

const JobIdLink = ({ job, href }: { job: Job; href: (path: string) => string }) => (
  <Link
    href={href(`/jobs/${job.id}`)}
    title={job.id}
    className="rounded font-mono text-xs text-accent underline underline-offset-4"
  >
    {job.id.slice(-8)}
  </Link>
)
