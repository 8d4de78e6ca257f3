'use client'

import { CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { Card } from '@/app/_components/card'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import type { Job } from '@/app/_trpc/types'
import { VisibleText } from '@/app/_components/visible-text'

/** The jobs that gave up and need a person's decision, newest first. */
export function RecentFailures({
  jobs,
  error,
  onRetry,
  className,
}: {
  jobs: Job[] | undefined
  error: unknown
  onRetry: () => void
  className?: string
}) {
  const { href } = useScope()
  return (
    <Card
      id="attention"
      title="Needs a look"
      padded={false}
      className={className}
      actions={
        <Link
          href={href('/jobs?status=DEAD_LETTER')}
          className="rounded px-1 text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
        >
          All dead letters
        </Link>
      }
    >
      {error && !jobs ? (
        <ErrorState compact error={error} onRetry={onRetry} />
      ) : !jobs ? (
        <div className="grid gap-4 p-4">
          <span className="skeleton block h-4" />
          <span className="skeleton block h-4" />
          <span className="skeleton block h-4" />
        </div>
      ) : jobs.length === 0 ? (
        <EmptyState
          compact
          icon={CircleCheck}
          tone="bg-completed-soft text-completed"
          title="Nothing gave up"
          text="Jobs that exhaust their retries appear here."
        />
      ) : (
        <ul className="divide-y divide-line">
          {jobs.map((job) => (
            <li key={job.id}>
              <Link
                href={href(`/jobs/${job.id}`)}
                prefetch={false}
                className="block px-4 py-2 -outline-offset-2 hover:bg-hover"
              >
                <span className="flex items-baseline justify-between gap-3 text-sm">
                  <span className="truncate font-medium">{job.jobType}</span>
                  <RelativeTime at={job.finishedAt ?? job.createdAt} className="shrink-0 text-xs text-faint" />
                </span>
                <span className="block truncate text-xs text-muted">
                  <VisibleText text={job.error?.message ?? 'No error was recorded'} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
