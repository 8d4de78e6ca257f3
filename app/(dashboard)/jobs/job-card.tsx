import Link from 'next/link'
import { rowLink } from '@/app/_components/data-table/keys'
import { RelativeTime } from '@/app/_components/relative-time'
import { StatusBadge } from '@/app/_components/status-badge'
import type { Job, JobType } from '@/app/_trpc/types'
import { displayName, JobDuration, JobProgress, JobTitle } from './job-columns'
import { VisibleText } from '@/app/_components/visible-text'

/** A job on a phone. */
export function JobCard({
  job,
  types,
  href,
}: {
  job: Job
  types: JobType[] | undefined
  href: (path: string) => string
}) {
  return (
    <>
      <div className="flex items-baseline justify-between gap-3">
        <Link
          href={href(`/jobs/${job.id}`)}
          {...rowLink}
          className={`truncate text-base font-medium ${rowLink.className}`}
          prefetch={false}
        >
          <VisibleText text={displayName(types, job.jobType)} />
        </Link>
        <RelativeTime at={job.createdAt} className="shrink-0 text-xs text-faint" />
      </div>
      <div className="flex">
        <JobTitle job={job} types={types} />
      </div>
      <div className="mt-1 flex items-center gap-3 text-sm">
        <StatusBadge status={job.status} canceling={job.cancelRequestedAt !== null} />
        <JobProgress job={job} />
        <span className="ml-auto flex items-baseline gap-3 text-xs">
          <span className="font-mono text-faint">{job.id.slice(-8)}</span>
          <JobDuration job={job} />
        </span>
      </div>
    </>
  )
}
