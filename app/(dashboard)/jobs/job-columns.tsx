import { ChevronDown, ChevronUp, ChevronsUp, Equal } from 'lucide-react'
import Link from 'next/link'
import { useMemo } from 'react'
import { cn } from '@/app/_components/cn'
import type { Column } from '@/app/_components/data-table/columns'
import { rowLink } from '@/app/_components/data-table/keys'
import { JobId } from '@/app/_components/job-id'
import { PRIORITY_LABEL, type Priority } from '@/app/_components/job-status'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatusBadge } from '@/app/_components/status-badge'
import type { ListedJob, JobType, Me } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'
import { WhyCell } from './why-cell'

interface Options {
  types: JobType[] | undefined
  /** The organizations, for a list with jobs of several of them. */
  organizations: Me['organizations'] | undefined
  href: (path: string) => string
}

export const displayName = (types: JobType[] | undefined, name: string) =>
  types?.find((type) => type.name === name)?.displayName ?? name

/** The name of a job's type. It shows nothing where the job's title is the same. */
export function JobTypeName({ job, types }: { job: ListedJob; types: JobType[] | undefined }) {
  const name = displayName(types, job.jobType)
  if (job.title === name) return null
  return (
    <span className="min-w-0 truncate text-xs text-muted">
      <VisibleText text={name} />
    </span>
  )
}

/** The columns of the list of jobs, in the order in which an operator looks for things. */
export function useJobColumns(types: JobType[] | undefined): Column<ListedJob>[] {
  const { organizationId, me, href } = useScope()
  const organizations = organizationId ? undefined : me?.organizations
  return useMemo(() => jobColumns({ types, organizations, href }), [types, organizations, href])
}

function jobColumns({ types, organizations, href }: Options): Column<ListedJob>[] {
  return [
    {
      key: 'status',
      header: 'Status',
      width: 136,
      alwaysShown: true,
      skeleton: 'rounded-full',
      cell: (job) => <StatusBadge status={job.status} canceling={job.cancelRequestedAt !== null} />,
    },
    {
      key: 'type',
      header: 'Job',
      alwaysShown: true,
      cell: (job) => (
        <span className="flex items-baseline gap-2">
          {job.priority === 'NORMAL' ? null : <PriorityMark priority={job.priority} short />}
          <Link
            href={href(`/jobs/${job.id}`)}
            {...rowLink}
            className={`max-w-full shrink-0 truncate font-medium ${rowLink.className}`}
            title={visible(job.title)}
            prefetch={false}
          >
            <bdi>
              <VisibleText text={job.title} />
            </bdi>
          </Link>
          <JobTypeName job={job} types={types} />
        </span>
      ),
    },
    { key: 'why', header: 'Why', width: 288, from: 'lg', cell: (job) => <WhyCell job={job} /> },
    { key: 'id', header: 'ID', width: 112, from: 'xl', cell: (job) => <JobId id={job.id} quiet /> },
    ...(organizations
      ? [
          {
            key: 'organization',
            header: 'Organization',
            width: 160,
            from: 'lg' as const,
            cell: (job: ListedJob) => (
              <VisibleText text={organizations.find(({ id }) => id === job.organizationId)?.name ?? ''} />
            ),
          },
        ]
      : []),
    {
      key: 'priority',
      header: 'Priority',
      width: 96,
      optional: true,
      cell: (job) => <PriorityMark priority={job.priority} />,
    },
    {
      key: 'by',
      header: 'Submitted by',
      width: 144,
      optional: true,
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

export function PriorityMark({ priority, short = false }: { priority: Priority; short?: boolean }) {
  const Icon = PRIORITY_ICON[priority]
  const tone = priority === 'CRITICAL' ? 'text-danger' : priority === 'HIGH' ? 'text-warn' : 'text-faint'
  return (
    <span
      title={short ? `${PRIORITY_LABEL[priority]} priority` : undefined}
      className={cn(
        'inline-flex items-center gap-1.5 align-middle',
        (priority === 'NORMAL' || priority === 'LOW') && 'text-muted',
        short && 'self-center',
      )}
    >
      <Icon aria-hidden className={`size-3.5 ${tone}`} />
      {short ? <span className="sr-only">{PRIORITY_LABEL[priority]} priority,</span> : PRIORITY_LABEL[priority]}
    </span>
  )
}

export function JobDuration({ job }: { job: ListedJob }) {
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
