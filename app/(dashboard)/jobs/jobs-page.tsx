'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ArrowUp, ChevronLeft, ChevronRight, Inbox, SearchX, SquarePlus } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useEffect, useMemo, useReducer, useState } from 'react'
import { Button, LinkButton } from '@/app/_components/button'
import { DataTable } from '@/app/_components/data-table'
import { LiveIndicator } from '@/app/_components/live-indicator'
import { may } from '@/app/_components/may'
import { PageHeader } from '@/app/_components/page-header'
import { whyNotSubmit } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { EmptyState, ErrorState } from '@/app/_components/states'
import { formatCount } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { throttle } from '@/app/_trpc/live'
import type { Job } from '@/app/_trpc/types'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { useWatch, WITHOUT_EVENTS_MS } from '@/app/_trpc/use-watch'
import { BulkProgress } from './bulk-progress'
import { FilterBar } from './filter-bar'
import { filterParsers, isAskable, isFiltered, NO_FILTERS, questionOf, toFilter } from './filters'
import { JobCard } from './job-card'
import { jobColumns } from './job-columns'
import { countNew, emptyList, reduceList, shownRows } from './live-list'
import { SelectionBar } from './selection-bar'
import { usePages } from './use-pages'
import { useSelection } from './use-selection'

const PAGE = 50

export function JobsPage() {
  const trpc = useTRPC()
  const { organizationId, organization, me, ready, viewer, href } = useScope()
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const minute = useNow(60_000)
  const scope = useMemo(() => ({ organizationId, userId: viewer.userId }), [organizationId, viewer.userId])
  const filter = useMemo(() => toFilter(filters, scope, filters.since ? minute : 0), [filters, scope, minute])
  const enabled = ready && isAskable(filters, viewer.userId)

  const list = useQuery(
    trpc.jobs.list.queryOptions(
      { ...filter, limit: PAGE, ...(filters.cursor ? { cursor: filters.cursor } : {}) },
      { enabled, placeholderData: keepPreviousData, refetchInterval: organizationId ? false : WITHOUT_EVENTS_MS },
    ),
  )
  const count = useQuery(
    trpc.jobs.count.queryOptions(filter, { enabled, placeholderData: keepPreviousData, staleTime: 30_000 }),
  )
  const types = useJobTypes(organizationId, ready)

  // What the reader sees stands still; see live-list.ts.
  const asked = questionOf(filters, scope)
  const question = `${asked} ${filters.cursor ?? ''}`
  const [live, dispatch] = useReducer(reduceList<Job>, undefined, emptyList<Job>)
  const items = list.isPlaceholderData ? undefined : list.data?.items
  const { dataUpdatedAt } = list
  useEffect(() => {
    if (items) dispatch({ type: 'answer', key: question, items })
    // The question is that of the items: it must not be answered with those of the one before. An answer
    // that says the same as the last keeps its identity, but not its time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [items, dataUpdatedAt])

  const { refetch: readList } = list
  const { refetch: readCount } = count
  const refreshList = useMemo(() => throttle(() => void readList(), 3000), [readList])
  const refreshCount = useMemo(() => throttle(() => void readCount(), 15_000), [readCount])
  useEffect(() => () => (refreshList.cancel(), refreshCount.cancel()), [refreshList, refreshCount])
  useWatch(ready && organizationId ? { organizationId } : null, {
    onEvents: (events) => {
      dispatch({ type: 'events', events })
      if (!events.some((event) => event.type === 'status')) return
      refreshList()
      refreshCount()
    },
    onResume: () => void readList(),
  })

  const onActed = (deleted: boolean) => {
    if (!deleted) return void (refreshList(), refreshCount())
    dispatch({ type: 'renew' })
    // At once, and in place of what is being asked: that answer may still hold what is deleted.
    void readList()
    void readCount()
  }

  const rows = useMemo(() => shownRows(live), [live])
  const answered = live.key === question
  // Rows of another question say nothing about this one.
  const failed = list.error !== null && (!answered || rows.length === 0)
  // A page further on is the same question: what is ticked there stays.
  const ticks = useSelection(asked, rows)
  const [started, setStarted] = useState<readonly string[]>([])
  const mayAct = organizationId !== undefined && may(viewer, 'jobs.cancel', true)
  const arrived = filters.cursor || !answered ? 0 : countNew(live)
  const pages = usePages(filters.cursor, list.data?.nextCursor ?? null, (cursor) => void setFilters({ cursor }))
  const loading = !answered && rows.length === 0
  const filtered = isFiltered(filters)
  const columns = useMemo(
    () => jobColumns({ types: types.data, organizations: organizationId ? undefined : me?.organizations, href }),
    [types.data, organizationId, me, href],
  )

  return (
    <>
      <PageHeader
        title="Jobs"
        aside={
          <span className="min-w-16 text-sm text-faint tabular-nums" aria-live="off">
            {count.data ? formatCount(count.data.count, count.data.capped) : ''}
            <span className="sr-only"> jobs</span>
          </span>
        }
      >
        <LiveIndicator />
        <SubmitLink />
      </PageHeader>

      <FilterBar
        filters={filters}
        onChange={(change) => void setFilters({ ...change, cursor: null })}
        onClear={() => void setFilters(NO_FILTERS)}
        types={types.data ?? []}
      />

      {organizationId && ready && me ? (
        <BulkProgress
          key={organizationId}
          organizationId={organizationId}
          started={started}
          onDismiss={(bulkId) => setStarted((ids) => ids.filter((id) => id !== bulkId))}
          onEnded={(kinds) => onActed(kinds.includes('delete'))}
        />
      ) : null}

      {/* On the table's edge, and in sight while scrolling: it covers no row. */}
      <div className="pointer-events-none sticky top-5 z-20 flex h-0 items-center justify-center">
        {arrived > 0 ? (
          <Button
            size="sm"
            variant="primary"
            className="enter pointer-events-auto rounded-full! shadow-pop"
            onClick={() => {
              dispatch({ type: 'adopt' })
              void readCount()
              window.scrollTo({ top: 0 })
            }}
          >
            <ArrowUp aria-hidden className="size-3.5!" />
            {arrived >= PAGE ? `${PAGE}+` : arrived} new
          </Button>
        ) : null}
      </div>
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {failed ? (
          <ErrorState error={list.error} onRetry={() => void readList()} />
        ) : !loading && rows.length === 0 ? (
          filtered ? (
            <EmptyState
              icon={SearchX}
              title="No job fits these filters"
              text="Search looks for whole words of the parameters, or a job's full id."
              action={{ label: 'Clear filters', onClick: () => void setFilters(NO_FILTERS) }}
            />
          ) : (
            <EmptyState
              icon={Inbox}
              title="No jobs yet"
              text={`Jobs of ${organization?.name ?? 'every organization'} appear here as soon as they are submitted.`}
            >
              <SubmitLink />
            </EmptyState>
          )
        ) : (
          <DataTable
            caption="Jobs, newest first"
            columns={columns}
            rows={rows}
            rowKey={(job) => job.id}
            card={(job) => <JobCard job={job} types={types.data} href={href} />}
            loading={loading}
            stale={list.isPlaceholderData}
            selection={mayAct ? { has: ticks.has, set: ticks.set, label: (job) => `Select job ${job.id}` } : undefined}
          />
        )}
      </div>

      {rows.length > 0 && !failed ? (
        <nav aria-label="Pages" className="mt-3 flex items-center justify-between gap-3 text-xs text-faint">
          <p className="hidden md:block">
            <Key>j</Key> <Key>k</Key> move, <Key>Enter</Key> opens,{' '}
            {mayAct ? (
              <>
                <Key>x</Key> selects,{' '}
              </>
            ) : null}
            <Key>/</Key> searches
          </p>
          <div className="ml-auto flex gap-2">
            <Button size="sm" onClick={pages.newer} unavailable={pages.newer ? null : 'These are the newest.'}>
              <ChevronLeft aria-hidden /> Newer
            </Button>
            <Button size="sm" onClick={pages.older} unavailable={pages.older ? null : 'There are no older ones.'}>
              Older <ChevronRight aria-hidden />
            </Button>
          </div>
        </nav>
      ) : null}
      {mayAct ? (
        <SelectionBar
          selection={ticks.selection}
          filter={filter}
          count={count.data}
          more={(count.data?.count ?? 0) > ticks.selection.jobs.size}
          onSelectAll={ticks.selectAll}
          onClear={ticks.clear}
          onStarted={(bulkId) => setStarted((ids) => [...ids, bulkId])}
          onDone={(kind) => onActed(kind === 'delete')}
        />
      ) : null}
    </>
  )
}

const Key = ({ children }: { children: string }) => (
  <kbd className="rounded-sm border border-line bg-surface px-1 font-mono text-2xs text-muted">{children}</kbd>
)

/** Who may not submit sees why, instead of a form that would refuse everything. */
function SubmitLink() {
  const { viewer, me, href, organizationId } = useScope()
  const unavailable = me && organizationId ? whyNotSubmit(viewer) : null
  const label = (
    <>
      <SquarePlus aria-hidden /> Submit job
    </>
  )
  if (unavailable) return <Button unavailable={unavailable}>{label}</Button>
  return (
    <LinkButton href={href('/submit')} variant="primary">
      {label}
    </LinkButton>
  )
}
