'use client'

import { ListChecks } from 'lucide-react'
import Link from '@/app/_components/link'
import { parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import type { Column } from '@/app/_components/data-table/columns'
import { DataTable } from '@/app/_components/data-table/data-table'
import { rowLink } from '@/app/_components/data-table/keys'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import type { BulkAction } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { headline, receiptPath } from '../jobs/bulk-words'
import { BULK_STATE, skippedOf } from './bulk-state'

/** A bulk action changes jobs, and they send events. The list is read at most once in this time. */
const BUSY_MS = 2_000
/** Where an action skips all its jobs, no event comes. So the list is also read at this interval. */
const BESIDE_EVENTS_MS = 15_000

/** The bulk actions, newest first. Each row links to its receipt. */
export function BulkPage() {
  const trpc = useTRPC()
  const { organizationId, ready, follows, href } = useScope()
  const [{ cursor }, setParams] = useQueryStates({ cursor: parseAsString }, { history: 'push' })
  const list = useLiveQuery(
    trpc.bulk.list.queryOptions(
      { organizationId: organizationId ?? '', limit: 25, ...(cursor ? { cursor } : {}) },
      { enabled: ready && organizationId !== undefined, placeholderData: keptWithin(organizationId) },
    ),
    { follows: follows ?? undefined, everyMs: BUSY_MS, besidesMs: BESIDE_EVENTS_MS },
  )
  const pages = usePages(cursor, list, (next) => void setParams({ cursor: next }))
  const columns = useMemo(() => bulkColumns(href), [href])
  const rows = list.data?.items ?? []
  const loading = list.isPending && (organizationId !== undefined || !ready)

  return (
    <Page title="Bulk actions">
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {list.error && !list.data ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : loading || rows.length > 0 ? (
          <DataTable
            name="bulk"
            keyboard
            caption="Bulk actions, newest first"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            card={(bulk) => <BulkCard bulk={bulk} href={href} />}
            loading={loading}
            stale={list.isPlaceholderData}
          />
        ) : (
          <EmptyState
            icon={ListChecks}
            title={organizationId ? 'Nothing was done to many jobs yet' : 'Choose an organization'}
            text={
              organizationId
                ? 'Whatever is canceled, retried or deleted together is kept here for 30 days: who did it, why, and what became of each job.'
                : 'Bulk actions belong to one organization. Choose one above to see its own.'
            }
          />
        )}
      </div>
      {rows.length > 0 && pages.several ? <Pager pages={pages} /> : null}
    </Page>
  )
}

/** The time lies above the link of its row, which covers the row (`relative z-10`), so that its tooltip can be read. */
const bulkColumns = (href: (path: string) => string): Column<BulkAction>[] => [
  {
    key: 'what',
    header: 'What',
    width: 200,
    alwaysShown: true,
    cell: (bulk) => (
      <Link href={href(receiptPath(bulk.id))} {...rowLink} className={`font-medium ${rowLink.className}`}>
        {headline(bulk)}
      </Link>
    ),
  },
  {
    key: 'state',
    header: 'State',
    width: 100,
    cell: ({ status }) => <StatePill {...BULK_STATE[status]} state={status} />,
  },
  {
    key: 'skipped',
    header: 'Skipped',
    width: 88,
    align: 'right',
    // The receipt, which the row opens, lists them with their reasons.
    cell: (bulk) => (
      <span data-no-list="receipt" className="text-muted tabular-nums">
        {formatCount(skippedOf(bulk))}
      </span>
    ),
  },
  { key: 'jobs', header: 'Jobs', cell: ({ about }) => <VisibleText text={about} /> },
  {
    key: 'who',
    header: 'By',
    width: 152,
    cell: ({ requestedBy }) => <VisibleText text={requestedBy.name} />,
  },
  {
    key: 'reason',
    header: 'Reason',
    width: 200,
    from: 'lg',
    cell: ({ reason }) => <span className="text-muted">{reason ? <VisibleText text={reason} /> : '–'}</span>,
  },
  {
    key: 'when',
    header: 'When',
    width: 100,
    cell: ({ createdAt }) => <RelativeTime at={createdAt} className="relative z-10 text-muted" />,
  },
]

function BulkCard({ bulk, href }: { bulk: BulkAction; href: (path: string) => string }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link
          href={href(receiptPath(bulk.id))}
          {...rowLink}
          className={`min-w-0 truncate text-base font-medium ${rowLink.className}`}
        >
          {headline(bulk)}
        </Link>
        <span className="ml-auto">
          <StatePill {...BULK_STATE[bulk.status]} state={bulk.status} />
        </span>
      </div>
      <p className="mt-1 truncate text-sm text-muted">
        <VisibleText text={bulk.about} />
      </p>
      <p className="mt-1 flex gap-2 text-xs text-muted">
        <span className="min-w-0 truncate">
          <VisibleText text={bulk.requestedBy.name + (bulk.reason ? `: ${bulk.reason}` : '')} />
        </span>
        <RelativeTime at={bulk.createdAt} className="ml-auto" />
      </p>
    </>
  )
}
