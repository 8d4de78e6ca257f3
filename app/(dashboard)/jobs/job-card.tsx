import Link from '@/app/_components/link'
import { rowLink } from '@/app/_components/data-table/keys'
import { RelativeTime } from '@/app/_components/relative-time'
import { StatusBadge } from '@/app/_components/status-badge'
import type { ListedJob, JobType } from '@/app/_trpc/types'
import { JobDuration, JobTypeName, PriorityMark } from './job-columns'
import { VisibleText } from '@/app/_components/visible-text'
import { WhyCell } from './why-cell'

/** A job as a card, for a phone. */
export function JobCard({
  job,
  types,
  href,
}: {
  job: ListedJob
  types: JobType[] | undefined
  href: (path: string) => string
}) {
  return (
    <>
      <div className="flex items-baseline justify-between gap-3">
        <Link
          href={href(`/jobs/${job.id}`)}
          {...rowLink}
          className={`min-w-6 truncate text-base font-medium ${rowLink.className}`}
          prefetch={false}
        >
          <bdi>
            <VisibleText text={job.title} />
          </bdi>
        </Link>
        <RelativeTime at={job.createdAt} className="shrink-0 text-xs text-faint" />
      </div>
      <div className="mt-1 flex min-w-0 items-center gap-2 text-sm">
        <StatusBadge status={job.status} canceling={job.cancelRequestedAt !== null} />
        <WhyCell job={job} />
      </div>
      <div className="mt-1 flex items-baseline gap-2 text-xs text-faint">
        {job.priority === 'NORMAL' ? null : <PriorityMark priority={job.priority} iconOnly />}
        <JobTypeName job={job} types={types} />
        <span className="ml-auto shrink-0 font-mono">{job.id.slice(-8)}</span>
        <JobDuration job={job} />
      </div>
    </>
  )
}
