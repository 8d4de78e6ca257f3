import { ChevronDown, ChevronUp, ChevronsUp, Equal } from 'lucide-react'
import Link from 'next/link'
import { useMemo } from 'react'
import { cn } from '@/app/_components/cn'
import type { Column } from '@/app/_components/data-table/columns'
import { rowLink } from '@/app/_components/data-table/keys'
import { JobId } from '@/app/_components/job-id'
import { PRIORITY_LABEL, type Priority } from '@/app/_components/job-status'
import { ProgressBar } from '@/app/_components/progress-bar'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatusBadge } from '@/app/_components/status-badge'
import type { Job, JobType, Me } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'

interface Options {
  types: JobType[] | undefined
  /** Given where rows of several organizations stand together. */
  organizations: Me['organizations'] | undefined
  href: (path: string) => string
}

export const displayName = (types: JobType[] | undefined, name: string) =>
  types?.find((type) => type.name === name)?.displayName ?? name

/** What tells a job from others of its type; nothing where it has only the type's name. */
export function JobTitle({ job, types }: { job: Job; types: JobType[] | undefined }) {
  if (job.title === displayName(types, job.jobType)) return null
  return (
    <bdi className="min-w-0 truncate text-xs text-muted" title={visible(job.title)}>
      <VisibleText text={job.title} />
    </bdi>
  )
}

/** What an operator scans for, in that order. */
export function useJobColumns(types: JobType[] | undefined): Column<Job>[] {
  const { organizationId, me, href } = useScope()
  const organizations = organizationId ? undefined : me?.organizations
  return useMemo(() => jobColumns({ types, organizations, href }), [types, organizations, href])
}

function jobColumns({ types, organizations, href }: Options): Column<Job>[] {
  return [
    {
      key: 'status',
      header: 'Status',
      width: 136,
      needed: true,
      skeleton: 'rounded-full',
      cell: (job) => <StatusBadge status={job.status} canceling={job.cancelRequestedAt !== null} />,
    },
    {
      key: 'type',
      header: 'Job',
      needed: true,
      cell: (job) => (
        <span className="flex items-baseline gap-2">
          <Link
            href={href(`/jobs/${job.id}`)}
            {...rowLink}
            className={`shrink-0 truncate font-medium ${rowLink.className}`}
            prefetch={false}
          >
            <VisibleText text={displayName(types, job.jobType)} />
          </Link>
          <JobTitle job={job} types={types} />
        </span>
      ),
    },
    { key: 'id', header: 'ID', width: 112, cell: (job) => <JobId id={job.id} quiet /> },
    ...(organizations
      ? [
          {
            key: 'organization',
            header: 'Organization',
            width: 160,
            from: 'lg' as const,
            cell: (job: Job) => (
              <VisibleText text={organizations.find((o) => o.id === job.organizationId)?.name ?? ''} />
            ),
          },
        ]
      : []),
    {
      key: 'priority',
      header: 'Priority',
      width: 96,
      from: 'lg',
      cell: (job) => <PriorityMark priority={job.priority} />,
    },
    { key: 'progress', header: 'Progress', width: 128, cell: (job) => <JobProgress job={job} /> },
    {
      key: 'by',
      header: 'Submitted by',
      width: 144,
      from: 'xl',
      cell: (job) => (
        <span className="text-muted">
          <VisibleText text={job.submittedBy.name} />
        </span>
      ),
    },
    {
      key: 'created',
      header: 'Created',
      width: 96,
      cell: (job) => <RelativeTime at={job.createdAt} className="relative z-10 text-muted" />,
    },
    { key: 'duration', header: 'Duration', width: 88, align: 'right', cell: (job) => <JobDuration job={job} /> },
  ]
}

const PRIORITY_ICON = { CRITICAL: ChevronsUp, HIGH: ChevronUp, NORMAL: Equal, LOW: ChevronDown } as const

export function PriorityMark({ priority }: { priority: Priority }) {
  const Icon = PRIORITY_ICON[priority]
  const tone = priority === 'CRITICAL' ? 'text-dead' : priority === 'HIGH' ? 'text-timedout' : 'text-faint'
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 align-middle',
        (priority === 'NORMAL' || priority === 'LOW') && 'text-muted',
      )}
    >
      <Icon aria-hidden className={`size-3.5 ${tone}`} />
      {PRIORITY_LABEL[priority]}
    </span>
  )
}

/** A bar while it runs; otherwise only what is worth knowing: the attempt, when it goes on. */
export function JobProgress({ job }: { job: Job }) {
  if (job.status === 'RUNNING') {
    return (
      <span className="flex items-center gap-2" title={visible(job.progressMessage ?? '') || undefined}>
        <ProgressBar value={job.progress} label="Progress" className="w-16" />
        <span className="text-xs text-muted tabular-nums">{job.progress}%</span>
      </span>
    )
  }
  if (job.status === 'PENDING' && Date.parse(job.runAt) > Date.now() + 1000) {
    return (
      <span className="text-xs text-muted">
        starts <RelativeTime at={job.runAt} planned />
      </span>
    )
  }
  if ((job.status === 'FAILED' || job.status === 'TIMED_OUT') && job.nextRetryAt) {
    return (
      <span className="text-xs text-muted">
        retry <RelativeTime at={job.nextRetryAt} planned />
      </span>
    )
  }
  if (job.failures > 0)
    return (
      <span className="text-xs text-muted tabular-nums">
        {job.failures === 1 ? '1 failure' : `${job.failures} failures`}
      </span>
    )
  return null
}

export function JobDuration({ job }: { job: Job }) {
  const running = job.status === 'RUNNING'
  if (!job.startedAt || (!running && !job.finishedAt)) return <span className="text-faint">–</span>
  return (
    <Elapsed
      from={job.startedAt}
      to={running ? null : job.finishedAt}
      className={running ? 'text-ink' : 'text-muted'}
    />
  )
}
