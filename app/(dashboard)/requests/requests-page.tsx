'use client'

import { keepPreviousData } from '@tanstack/react-query'
import { Hand, LockKeyhole } from 'lucide-react'
import Link from '@/app/_components/link'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import type { Column } from '@/app/_components/data-table/columns'
import { DataTable } from '@/app/_components/data-table/data-table'
import { rowLink } from '@/app/_components/data-table/keys'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { STATUS_WORDS, titleOf } from '@/app/_components/requests/request-words'
import { Segmented } from '@/app/_components/segmented'
import { useScope, type Organization } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { AdminRequest } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'

const SHOWN = ['mine', 'open', 'all'] as const
/** A fulfilled request changes jobs, and they send events. The list is read at most once in this time. */
const EVERY_MS = 2_000
/** No event says that a request was made or declined. So the list is also read at this interval. */
const BESIDE_EVENTS_MS = 5_000

/**
 * The requests to the admins of the organization, or of all organizations. Admins see all of them, operators their own,
 * and viewers none. Admins of an organization begin with those that they may do themselves, as the figure in the
 * navigation counts.
 */
export function RequestsPage() {
  const trpc = useTRPC()
  const { organizationId, ready, follows, href, viewer, me } = useScope()
  // `true`: also a person who may read only their own requests.
  const reads = may(viewer, 'requests.read', true)
  const decides = may(viewer, 'requests.decide')
  // An admin of an organization may not do all of its requests: a change of a limit is for system admins, who may do
  // all. So only admins of an organization have a choice "For you".
  const doesSome = decides && !viewer.systemAdmin
  const [{ show: wanted, cursor }, setParams] = useQueryStates(
    { show: parseAsStringLiteral(SHOWN), cursor: parseAsString },
    { history: 'push' },
  )
  const show = wanted === 'mine' && !doesSome ? 'open' : (wanted ?? (doesSome ? 'mine' : 'open'))
  const list = useLiveQuery(
    trpc.requests.list.queryOptions(
      {
        ...(organizationId ? { organizationId } : {}),
        limit: 25,
        ...(show === 'all' ? {} : { status: ['OPEN' as const] }),
        ...(show === 'mine' ? { forMe: true } : {}),
        ...(cursor ? { cursor } : {}),
      },
      {
        enabled: ready && reads,
        placeholderData: keepPreviousData,
      },
    ),
    { follows, everyMs: EVERY_MS, besidesMs: BESIDE_EVENTS_MS },
  )
  const pages = usePages(cursor, list, (next) => void setParams({ cursor: next }))
  const organizations = organizationId ? undefined : me?.organizations
  const columns = useMemo(() => requestColumns(href, organizations), [href, organizations])
  const rows = list.data?.items ?? []
  const loading = list.isPending

  if (me && ready && !reads)
    return (
      <Page title="Requests">
        <EmptyState
          icon={LockKeyhole}
          title="Viewers make no requests"
          text="Operators ask an admin here for what they may not do themselves. Ask an admin for that role if you need it."
        />
      </Page>
    )
  return (
    <Page title="Requests">
      <div className="mb-3">
        <Segmented
          label="Which requests"
          value={show}
          onChange={(next) => void setParams({ show: next, cursor: null })}
          options={[
            ...(doesSome ? [{ value: 'mine' as const, label: 'For you' }] : []),
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All' },
          ]}
        />
      </div>
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {list.error && !list.data ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : loading || rows.length > 0 ? (
          <DataTable
            name="requests"
            keyboard
            caption="Requests, newest first"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            card={(request) => <RequestCard request={request} href={href} organizations={organizations} />}
            loading={loading}
            skeletonRows={4}
            stale={list.isPlaceholderData}
          />
        ) : (
          <EmptyState
            icon={Hand}
            title={show === 'all' ? 'Nobody has asked for anything' : 'Nothing waits for a decision'}
            text={
              decides
                ? 'What an operator may not do, such as canceling jobs of others, comes here as a request. You do it or decline it.'
                : 'Select jobs of others and choose “Cancel”, “Retry” or “Delete”: what you may not do yourself is asked of an admin, and you see here what became of it.'
            }
            action={
              show === 'all'
                ? undefined
                : { label: 'Show earlier ones', onClick: () => void setParams({ show: 'all', cursor: null }) }
            }
          />
        )}
      </div>
      {rows.length > 0 && pages.several ? <Pager pages={pages} /> : null}
    </Page>
  )
}

const requestPath = ({ id }: AdminRequest) => `/requests/${id}`

/** The organizations, in a list of all of them, where each request names its own. Undefined in a list of one. */
type Named = readonly Organization[] | undefined
const nameIn = (organizations: Named, { organizationId }: AdminRequest) =>
  organizations?.find(({ id }) => id === organizationId)?.name ?? ''

/** The time lies above the link of its row, which covers the row (`relative z-10`), so that its tooltip can be read. */
const requestColumns = (href: (path: string) => string, organizations: Named): Column<AdminRequest>[] => [
  {
    key: 'what',
    header: 'What',
    width: 220,
    alwaysShown: true,
    cell: (request) => (
      <Link href={href(requestPath(request))} {...rowLink} className={`font-medium ${rowLink.className}`}>
        {titleOf(request)}
      </Link>
    ),
  },
  ...(organizations
    ? [
        {
          key: 'organization',
          header: 'Organization',
          width: 160,
          cell: (request: AdminRequest) => <VisibleText text={nameIn(organizations, request)} />,
        },
      ]
    : []),
  {
    key: 'state',
    header: 'State',
    width: 104,
    cell: ({ status }) => <StatePill {...STATUS_WORDS[status]} state={status} />,
  },
  { key: 'reason', header: 'Reason', cell: ({ reason }) => <VisibleText text={reason} /> },
  { key: 'who', header: 'Asked by', width: 160, cell: ({ askedBy }) => <VisibleText text={askedBy.name} /> },
  {
    key: 'when',
    header: 'When',
    width: 100,
    cell: ({ createdAt }) => <RelativeTime at={createdAt} className="relative z-10 text-muted" />,
  },
  {
    key: 'answer',
    header: 'Answer',
    width: 200,
    from: 'lg',
    cell: ({ endReason, endedBy }) => (
      <span className="text-muted">
        {endedBy ? <VisibleText text={endReason ? `${endedBy.name}: ${endReason}` : endedBy.name} /> : '–'}
      </span>
    ),
  },
]

function RequestCard({
  request,
  href,
  organizations,
}: {
  request: AdminRequest
  href: (path: string) => string
  organizations: Named
}) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link
          href={href(requestPath(request))}
          {...rowLink}
          className={`min-w-0 truncate text-base font-medium ${rowLink.className}`}
        >
          {titleOf(request)}
        </Link>
        <span className="ml-auto">
          <StatePill {...STATUS_WORDS[request.status]} state={request.status} />
        </span>
      </div>
      <p className="mt-1 truncate text-sm text-muted">
        <VisibleText text={request.reason} />
      </p>
      <p className="mt-1 flex gap-2 text-xs text-muted">
        <span className="min-w-0 truncate">
          <VisibleText text={request.askedBy.name} />
          {organizations ? (
            <>
              {', '}
              <VisibleText text={nameIn(organizations, request)} />
            </>
          ) : null}
        </span>
        <RelativeTime at={request.createdAt} className="ml-auto" />
      </p>
    </>
  )
}
