'use client'

import Link from '@/app/_components/link'
import { useMemo } from 'react'
import type { Column } from '@/app/_components/data-table/columns'
import { rowLink } from '@/app/_components/data-table/keys'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { errorWords } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { Spark } from '@/app/_components/spark'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { DeadLetterGroup, Me } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { lastActionWords } from './group-words'
import { NewSince } from './new-since'
import { jobsOfCause } from './paths'

/** The address of a group's drawer, and a function that opens the drawer without loading the page again. */
export interface Opening {
  pathOf: (group: DeadLetterGroup) => string
  open: (group: DeadLetterGroup) => void
}

/**
 * The columns of the list of causes, in the order in which an operator looks for things. What can be pointed at by
 * itself lies above the link of its row, which covers the row (`relative z-10`).
 */
export function useGroupColumns(opening: Opening): Column<DeadLetterGroup>[] {
  const { organizationId, me } = useScope()
  const organizations = organizationId ? undefined : me?.organizations
  return useMemo(() => groupColumns(opening, organizations), [opening, organizations])
}

const groupColumns = (opening: Opening, organizations: Me['organizations'] | undefined): Column<DeadLetterGroup>[] => [
  {
    key: 'count',
    header: 'Dead',
    width: 72,
    align: 'right',
    alwaysShown: true,
    cell: (group) => <DeadCount group={group} />,
  },
  {
    key: 'cause',
    header: 'Cause',
    alwaysShown: true,
    cell: (group) => (
      <span className="flex items-center gap-2">
        <CauseLink group={group} opening={opening} />
        {group.newSince ? <NewSince at={group.newSince} /> : null}
      </span>
    ),
  },
  ...(organizations
    ? [
        {
          key: 'organization',
          header: 'Organization',
          width: 144,
          from: 'lg' as const,
          cell: (group: DeadLetterGroup) => (
            <VisibleText text={organizations.find(({ id }) => id === group.organizationId)?.name ?? ''} />
          ),
        },
      ]
    : []),
  { key: 'types', header: 'Job types', width: 176, cell: (group) => <TypeNames group={group} /> },
  {
    key: 'trend',
    header: '14 days',
    width: 120,
    cell: (group) => <Spark dead trend={group.trend} className="relative z-10 inline-block align-middle" />,
  },
  {
    key: 'first',
    header: 'First seen',
    width: 100,
    from: 'xl',
    cell: (group) => <RelativeTime at={group.firstSeenAt} className="relative z-10 text-muted" />,
  },
  {
    key: 'last',
    header: 'Last seen',
    width: 100,
    cell: (group) => <RelativeTime at={group.lastSeenAt} className="relative z-10 text-muted" />,
  },
  { key: 'action', header: 'Last act', width: 152, from: 'lg', cell: (group) => <LastAct group={group} /> },
]

function CauseLink({ group, opening }: { group: DeadLetterGroup; opening: Opening }) {
  return (
    <Link
      href={opening.pathOf(group)}
      {...rowLink}
      className={`min-w-0 truncate font-medium ${rowLink.className}`}
      prefetch={false}
      scroll={false}
      title={visible(errorWords(group.errorMessage))}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        opening.open(group)
      }}
    >
      <ErrorPattern text={group.pattern} />
    </Link>
  )
}

function TypeNames({ group: { jobTypes } }: { group: DeadLetterGroup }) {
  const [first, ...others] = jobTypes
  return (
    <span className="text-muted" title={jobTypes.map(({ jobType, count }) => `${jobType}: ${count}`).join('\n')}>
      <VisibleText text={first?.jobType ?? ''} />
      {others.length > 0 ? ` +${others.length}` : ''}
    </span>
  )
}

function LastAct({ group: { lastAction } }: { group: DeadLetterGroup }) {
  if (!lastAction) return null
  return <span className="text-muted tabular-nums">{lastActionWords(lastAction)}</span>
}

/** How many jobs are dead of a cause. It opens their list; the rest of the row opens the cause. */
function DeadCount({ group }: { group: DeadLetterGroup }) {
  const { href, organizationId } = useScope()
  const path = jobsOfCause(
    { ...group, jobTypes: group.jobTypes.map(({ jobType }) => jobType) },
    { dead: true, chosen: organizationId },
  )
  return (
    <Link
      href={organizationId ? href(path) : path}
      prefetch={false}
      data-count={group.count}
      aria-label={group.count === 1 ? '1 dead job: list it' : `${formatCount(group.count)} dead jobs: list them`}
      className="relative z-10 inline-block min-h-6 min-w-6 rounded leading-6 font-semibold text-dead tabular-nums hover:underline"
    >
      {formatCount(group.count)}
    </Link>
  )
}

/** A group as a card, for a phone. */
export function GroupCard({ group, opening }: { group: DeadLetterGroup; opening: Opening }) {
  return (
    <>
      <div className="flex items-baseline gap-2 text-base">
        <DeadCount group={group} />
        <CauseLink group={group} opening={opening} />
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <TypeNames group={group} />
        {group.newSince ? <NewSince at={group.newSince} /> : null}
      </div>
      <div className="mt-1 flex items-center gap-3 text-xs text-muted">
        <Spark dead trend={group.trend} />
        <span className="ml-auto flex gap-3">
          <LastAct group={group} />
          <RelativeTime at={group.lastSeenAt} />
        </span>
      </div>
    </>
  )
}
