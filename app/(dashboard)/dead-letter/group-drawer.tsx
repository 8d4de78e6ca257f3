'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { Drawer } from '@/app/_components/drawer'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { Spark } from '@/app/_components/spark'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { DeadLetterGroup } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { pathSteps } from '@/server/engine/domain/parameter-path'
import { GroupActions } from './group-actions'
import { ignoredWords, outcomeWords, valueWords } from './group-words'
import { NewestError } from './newest-error'
import { NewSince } from './new-since'
import { filterBy } from '../jobs/search/filter-by'
import { jobsOfCause } from './paths'
import { isAboutDeadLetters } from './use-groups'

interface Props {
  cause: string
  /** The job type of the group. Null for the jobs of all types with this cause. */
  of: string | null
  organizationId: string | undefined
  /** The job that is tried before the others. */
  tried: string | null
  onTried: (jobId: string) => void
  onClose: () => void
  onChanged: () => void
  onStarted: (bulkId: string) => void
}

/** Everything about one cause, and the actions on it. The code is loaded when it is first needed. */
export default function GroupDrawer({
  cause,
  of,
  organizationId,
  tried,
  onTried,
  onClose,
  onChanged,
  onStarted,
}: Props) {
  const trpc = useTRPC()
  const { ready } = useScope()
  const query = useLiveQuery(
    trpc.deadLetters.groups.queryOptions(
      {
        ...(organizationId ? { organizationId } : {}),
        errorFingerprint: cause,
        ...(of ? { jobType: of, by: 'type' as const } : { by: 'cause' as const }),
        // Also where the cause is ignored: it may have been opened from the list of ignored causes.
        ignored: true,
        limit: 1,
      },
      { enabled: ready },
    ),
    {
      follows: organizationId ? { organizationId } : null,
      everyMs: 2_000,
      besidesMs: 15_000,
      when: isAboutDeadLetters,
    },
  )
  const group = query.data?.items[0]
  const changed = () => {
    void query.refetch()
    onChanged()
  }
  return (
    <Drawer
      title={group ? <ErrorPattern text={group.pattern} /> : query.isPending ? 'Reading the cause…' : 'Cause'}
      note={group ? <Types group={group} /> : 'Dead letters of one cause'}
      onClose={onClose}
    >
      {query.error && !query.data ? (
        <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <>
          <span className="skeleton block h-16" />
          <span className="skeleton block h-28" />
          <span className="skeleton block h-40" />
        </>
      ) : (
        <>
          {group ? <FirstAndLastSeen group={group} /> : null}
          {/* It stays when the last job was tried and is no longer dead, because it shows the result of that try. */}
          <GroupActions
            group={group}
            tried={tried}
            onTried={onTried}
            onChanged={changed}
            onStarted={(bulkId) => {
              onStarted(bulkId)
              onClose()
            }}
          />
          {group ? (
            <>
              <LastAct group={group} />
              <InCommon group={group} />
              <NewestError group={group} />
            </>
          ) : (
            <EmptyState
              compact
              icon={CircleCheck}
              tone="bg-completed-soft text-completed"
              title="Nothing is dead of this cause"
              text="The jobs of this cause were retried or deleted, or none has died yet."
            />
          )}
        </>
      )}
    </Drawer>
  )
}

const Types = ({ group }: { group: DeadLetterGroup }) => (
  <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
    {group.jobTypes.map(({ jobType, count }) => (
      <span key={jobType} className="tabular-nums">
        <VisibleText text={jobType} />
        {group.jobTypes.length > 1 ? <span className="text-faint"> {formatCount(count)}</span> : null}
      </span>
    ))}
    {group.newSince ? <NewSince at={group.newSince} /> : null}
  </span>
)

function FirstAndLastSeen({ group }: { group: DeadLetterGroup }) {
  const { href, organizationId } = useScope()
  const path = jobsOfCause(
    { ...group, jobTypes: group.jobTypes.map(({ jobType }) => jobType) },
    { dead: true, chosen: organizationId },
  )
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-sm text-muted">
      <Link
        href={organizationId ? href(path) : path}
        data-count={group.count}
        className="rounded font-medium text-accent hover:underline pointer-coarse:py-2"
      >
        {formatCount(group.count)} dead {group.count === 1 ? 'job' : 'jobs'}
      </Link>
      <span>
        first <RelativeTime at={group.firstSeenAt} />
      </span>
      <span>
        last <RelativeTime at={group.lastSeenAt} />
      </span>
      <span className="ml-auto flex items-center gap-2 text-xs text-faint">
        14 days <Spark dead trend={group.trend} />
      </span>
    </div>
  )
}

function LastAct({ group: { lastAction, ignored, jobTypes } }: { group: DeadLetterGroup }) {
  const ignoredTypes = jobTypes.filter((type) => type.ignored).map(({ jobType }) => jobType)
  if (!lastAction && ignoredTypes.length === 0) return null
  return (
    <div className="grid gap-2 text-sm">
      {lastAction ? (
        <p>
          <span className="font-medium">{lastAction.action === 'RETRY' ? 'Last retry' : 'Last deletion'}</span>{' '}
          <span className="text-muted">
            by <VisibleText text={lastAction.by.name} />, <RelativeTime at={lastAction.at} />:
          </span>{' '}
          {outcomeWords(lastAction)}
          {lastAction.reason ? (
            <span className="text-muted">
              {' '}
              <VisibleText text={`“${lastAction.reason}”`} />
            </span>
          ) : null}
        </p>
      ) : null}
      {ignored ? (
        <p className="text-muted">
          Ignored {ignoredWords(ignored)} by <VisibleText text={ignored.by.name} />:{' '}
          <VisibleText text={ignored.reason} />
        </p>
      ) : ignoredTypes.length > 0 ? (
        <p className="text-muted">
          Ignored for <VisibleText text={ignoredTypes.join(', ')} />, and not for the others.
        </p>
      ) : null}
    </div>
  )
}

/**
 * The parameters that the dead jobs share and other jobs of the type mostly do not have. They are often the reason for
 * the failure.
 */
function InCommon({ group }: { group: DeadLetterGroup }) {
  return (
    <Card id="in-common" title="In common" note="parameters that the others mostly do not have" padded={false}>
      {group.jobTypes.slice(0, COMPARED_TYPES).map(({ jobType }) => (
        <InCommonOfType key={jobType} group={group} jobType={jobType} named={group.jobTypes.length > 1} />
      ))}
    </Card>
  )
}

/**
 * The most job types that are compared. Each type has its own parameters, and the types with the most dead jobs tell
 * most.
 */
const COMPARED_TYPES = 3

function InCommonOfType({ group, jobType, named }: { group: DeadLetterGroup; jobType: string; named: boolean }) {
  const trpc = useTRPC()
  const { organizationId, errorFingerprint } = group
  const common = useQuery(
    trpc.deadLetters.parametersInCommon.queryOptions(
      { organizationId, errorFingerprint, jobType },
      { staleTime: 30_000 },
    ),
  )
  return (
    <div className="min-h-22 border-line px-4 py-3 not-first:border-t">
      {named ? (
        <p className="mb-1 text-xs font-medium text-muted">
          <VisibleText text={jobType} />
        </p>
      ) : null}
      {common.error && !common.data ? (
        <ErrorState compact error={common.error} onRetry={() => void common.refetch()} />
      ) : !common.data ? (
        <span className="skeleton block h-4 w-1/2" />
      ) : common.data.items.length === 0 ? (
        <p className="text-sm text-muted">
          {group.count === 1 ? 'A single job has nothing to be compared with.' : 'Nothing stands out.'}
        </p>
      ) : (
        <ul aria-label={`What jobs of ${jobType} have in common`} className="grid gap-1 text-sm">
          {common.data.items.map(({ path, value, count, of, others }) => (
            <li key={path} className="flex flex-wrap items-baseline gap-x-2 wrap-anywhere">
              <span className="font-medium">
                <VisibleText text={valueWords(value)} />
              </span>{' '}
              <JobsInCommon group={group} jobType={jobType} of={{ path, value, count, of }} />{' '}
              <span className="font-mono text-xs text-faint">
                <VisibleText text={path} />
              </span>{' '}
              <span className="ml-auto text-xs text-faint tabular-nums">
                others: {formatCount(others.count)} of {formatCount(others.of)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** In how many of the dead jobs the value is. It opens the list of these jobs where one can be asked for. */
function JobsInCommon({
  group,
  jobType,
  of: { path, value, count, of },
}: {
  group: DeadLetterGroup
  jobType: string
  of: { path: string; value: unknown; count: number; of: number }
}) {
  const { href, organizationId } = useScope()
  const words = `in ${formatCount(count)} of ${formatCount(of)}`
  const byValue = filterBy(pathSteps(path), value)
  // The server compares only the newest dead jobs, and leaves out those with large parameters. Where it has not
  // compared all of them, a list would show another number than `count`. So there is no link.
  const dead = group.jobTypes.find((type) => type.jobType === jobType)?.count
  if (!byValue || of !== dead) return <span className="tabular-nums">{words}</span>
  const list = `${jobsOfCause({ ...group, jobTypes: [jobType] }, { dead: true, chosen: organizationId })}&${byValue.split('?')[1]}`
  return (
    <Link
      href={organizationId ? href(list) : list}
      prefetch={false}
      data-count={count}
      className="rounded text-accent tabular-nums hover:underline pointer-coarse:py-2"
    >
      {words}
    </Link>
  )
}
