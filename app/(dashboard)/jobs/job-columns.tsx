import { ChevronDown, ChevronUp, ChevronsUp, Equal, RotateCw } from 'lucide-react'
import Link from '@/app/_components/link'
import { useMemo } from 'react'
import { cn } from '@/app/_components/cn'
import type { Column } from '@/app/_components/data-table/columns'
import { againLink, rowLink } from '@/app/_components/data-table/keys'
import { JobId } from '@/app/_components/job-id'
import { PRIORITY_LABEL, whyNotSubmit, type Priority } from '@/app/_components/job-status'
import { Elapsed, RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatusBadge } from '@/app/_components/status-badge'
import type { ListedJob, JobType, Me } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'
import { lastRun } from './last-run'
import { WhyCell } from './why-cell'

interface Options {
  types: JobType[] | undefined
  /** The organizations, for a list with jobs of several of them. */
  organizations: Me['organizations'] | undefined
  href: (path: string) => string
  /** The reader may submit jobs, and so run one again. */
  mayRun: boolean
}

/** The display name of a job type, or its name where the type is not known. */
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

/** The columns of the list of jobs: first what tells whether a person has to act, which is status, title and why. */
export function useJobColumns(types: JobType[] | undefined): Column<ListedJob>[] {
  const { organizationId, me, href, viewer } = useScope()
  const mayRun = whyNotSubmit(viewer) === null
  const organizations = organizationId ? undefined : me?.organizations
  return useMemo(() => jobColumns({ types, organizations, href, mayRun }), [types, organizations, href, mayRun])
}

function jobColumns({ types, organizations, href, mayRun }: Options): Column<ListedJob>[] {
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
      // Saved settings of the table hold this key, so it keeps its name.
      key: 'type',
      header: 'Job',
      alwaysShown: true,
      cell: (job) => (
        <span className="flex items-baseline gap-2">
          <span className="flex min-w-0 items-baseline gap-2 overflow-hidden">
            {/* Only an unusual priority is marked here. The optional column shows every priority. */}
            {job.priority === 'NORMAL' ? null : <PriorityMark priority={job.priority} iconOnly />}
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
          {mayRun ? (
            <Link
              href={href(`/jobs/${job.id}?again=true`)}
              {...againLink}
              prefetch={false}
              // For a pointer alone. A row has one stop for the Tab key and one link to hear; the key r follows this one.
              aria-hidden
              tabIndex={-1}
              title="Run again, with changes"
              className="relative z-10 grid size-6 shrink-0 place-items-center self-center rounded text-faint opacity-0 group-hover:opacity-100 pointer-coarse:hidden hover:bg-raised hover:text-ink"
            >
              <RotateCw aria-hidden className="size-3.5" />
            </Link>
          ) : null}
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
      // The link of the row covers the whole row. The time lies above it, so that its tooltip works.
      cell: (job) => <RelativeTime at={job.createdAt} className="relative z-10 text-muted" />,
    },
    { key: 'duration', header: 'Duration', width: 88, align: 'right', cell: (job) => <JobDuration job={job} /> },
  ]
}

const PRIORITY_ICON = { CRITICAL: ChevronsUp, HIGH: ChevronUp, NORMAL: Equal, LOW: ChevronDown } as const

export function PriorityMark({ priority, iconOnly = false }: { priority: Priority; iconOnly?: boolean }) {
  const Icon = PRIORITY_ICON[priority]
  const tone = priority === 'CRITICAL' ? 'text-danger' : priority === 'HIGH' ? 'text-warning' : 'text-faint'
  return (
    <span
      title={iconOnly ? `${PRIORITY_LABEL[priority]} priority` : undefined}
      className={cn(
        'inline-flex items-center gap-1.5 align-middle',
        (priority === 'NORMAL' || priority === 'LOW') && 'text-muted',
        iconOnly && 'self-center',
      )}
    >
      <Icon aria-hidden className={`size-3.5 ${tone}`} />
      {iconOnly ? <span className="sr-only">{PRIORITY_LABEL[priority]} priority,</span> : PRIORITY_LABEL[priority]}
    </span>
  )
}

/** How long the last run of the job took or has taken by now. A dash where that is not known (last-run.ts). */
export function JobDuration({ job }: { job: ListedJob }) {
  const run = lastRun(job)
  if (!run) return <span className="text-faint">–</span>
  return <Elapsed {...run} className={run.to === null ? 'text-ink' : 'text-muted'} />
}
