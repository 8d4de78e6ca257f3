'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Building2, LockKeyhole } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { ChoiceFilter } from '@/app/_components/choice-filter'
import { ColumnsMenu } from '@/app/_components/data-table/columns-menu'
import { DataTable } from '@/app/_components/data-table/data-table'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { SearchField } from '@/app/_components/search-field'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import { parsers, SORTS } from './params'
import { PlatformCard, platformColumns } from './platform-columns'

/** The name under which the reader's choice of columns is kept. */
const TABLE = 'platform'
const PAGE = 50
/**
 * A page that shows all organizations has no stream of events, so it reads its data again at this interval while
 * somebody looks.
 */
const READ_AGAIN_MS = 10_000
const SORT_LABEL = {
  load: 'Most jobs',
  wait: 'Longest waits',
  failures: 'Most failures',
  quota: 'Nearest to the quota',
  name: 'Name',
} as const

/** All organizations in one list, for system admins. Those that stand out come first unless another order is chosen. */
export function PlatformPage() {
  const trpc = useTRPC()
  const { viewer, me } = useScope()
  const [{ range, sort, q, cursor }, setParams] = useQueryStates(parsers, { history: 'push' })
  const mayRead = may(viewer, 'organizations.read')
  const list = useQuery(
    trpc.metrics.platform.queryOptions(
      { range, sort, limit: PAGE, ...(q ? { search: q } : {}), ...(cursor ? { cursor } : {}) },
      { enabled: mayRead, placeholderData: keepPreviousData, refetchInterval: READ_AGAIN_MS },
    ),
  )
  const pages = usePages(cursor, list, (next) => void setParams({ cursor: next }))
  const rows = list.data?.items ?? []

  if (me && !mayRead)
    return (
      <Page title="Platform">
        <EmptyState
          icon={LockKeyhole}
          title="Only system admins see the platform"
          text="The overview shows how your own organization does."
        />
      </Page>
    )
  return (
    <Page
      title="Platform"
      aside={
        list.data ? (
          <span className="text-sm text-faint tabular-nums">
            {formatCount(list.data.total)} {list.data.total === 1 ? 'organization' : 'organizations'}
          </span>
        ) : (
          <span className="skeleton block h-4 w-28" />
        )
      }
    >
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField
          label="Search organizations"
          placeholder="Name or short name"
          value={q}
          onChange={(next) => void setParams({ q: next || null, cursor: null })}
        />
        <ChoiceFilter
          name="Order"
          any="What stands out"
          options={SORTS.flatMap((value) => (value === 'outliers' ? [] : [{ value, label: SORT_LABEL[value] }]))}
          value={sort === 'outliers' ? null : sort}
          onChange={(next) => void setParams({ sort: SORTS.find((one) => one === next) ?? null, cursor: null })}
        />
        <Segmented
          label="Waits and failures over"
          value={range}
          onChange={(next) => void setParams({ range: next, cursor: null })}
          options={[
            { value: '1h', label: 'Last hour' },
            { value: '24h', label: '24 hours' },
          ]}
        />
        <div className="ml-auto empty:hidden">
          <ColumnsMenu table={TABLE} columns={platformColumns} />
        </div>
      </div>
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {list.error && !list.data ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : list.isPending || rows.length > 0 ? (
          <DataTable
            name={TABLE}
            keyboard
            caption={sort === 'outliers' ? 'Organizations, outliers first' : 'Organizations'}
            columns={platformColumns}
            rows={rows}
            rowKey={({ organizationId }) => organizationId}
            card={(row) => <PlatformCard row={row} />}
            loading={list.isPending}
            stale={list.isPlaceholderData}
          />
        ) : (
          <EmptyState
            icon={Building2}
            title={q ? 'No organization matches' : 'There is no organization yet'}
            text={q ? 'Look for a part of its name or short name.' : 'organizations.create makes the first one.'}
            action={q ? { label: 'Show all', onClick: () => void setParams({ q: null, cursor: null }) } : undefined}
          />
        )}
      </div>
      {rows.length > 0 && pages.several ? <Pager pages={pages} /> : null}
    </Page>
  )
}
