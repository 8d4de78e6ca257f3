'use client'

import Link from '@/app/_components/link'
import { cn } from '@/app/_components/cn'
import { STATUS_META } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { StatusIcon } from '@/app/_components/status-badge'
import { formatCount } from '@/app/_components/time'
import type { JobStatus, Overview } from '@/app/_trpc/types'

// First what runs or waits to run, then what failed or ran too long, and last what is over.
const ORDER: JobStatus[] = [
  'RUNNING',
  'QUEUED',
  'PENDING',
  'FAILED',
  'TIMED_OUT',
  'DEAD_LETTER',
  'CANCELED',
  'COMPLETED',
]

/** The jobs with these statuses have ended. They are counted for all time, whatever range the page shows. */
const OF_ALL_TIME: readonly JobStatus[] = ['DEAD_LETTER', 'CANCELED', 'COMPLETED']

/** The number of jobs in each status now. Each figure links to its jobs. */
export function StatusTiles({ counts }: { counts: Overview['counts'] | undefined }) {
  const { href } = useScope()
  return (
    <ul
      aria-label="Jobs by status"
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line shadow-card sm:grid-cols-4 xl:grid-cols-8"
    >
      {ORDER.map((status) => {
        const count = counts?.[status]
        return (
          <li key={status} className="bg-surface">
            <Link
              href={href(`/jobs?status=${status}`)}
              title={STATUS_META[status].meaning}
              data-count={count}
              className="block h-full px-3.5 py-3 -outline-offset-2 transition-colors hover:bg-hover"
            >
              <span className="flex items-center gap-1.5 text-xs text-muted">
                {/* The icon of running jobs turns. It stands still where nothing runs. */}
                <StatusIcon
                  status={status}
                  className={cn('size-3.5', status === 'RUNNING' && !count && '[animation:none]')}
                />
                {STATUS_META[status].label}
              </span>
              <span
                className={cn(
                  'mt-1 block text-xl font-semibold tracking-tight tabular-nums',
                  count === 0 && 'text-faint',
                )}
              >
                {count === undefined ? <span className="skeleton my-1 block h-5 w-12" /> : formatCount(count)}
                {OF_ALL_TIME.includes(status) && count !== undefined ? (
                  <span className="ml-1.5 text-xs font-normal tracking-normal text-faint">all time</span>
                ) : null}
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
