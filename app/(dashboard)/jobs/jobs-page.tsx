'use client'

import { ArrowUp, ChevronLeft, ChevronRight, Inbox, SearchX, SquarePlus } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { Button, LinkButton } from '@/app/_components/button'
import { DataTable } from '@/app/_components/data-table'
import { LiveIndicator } from '@/app/_components/live-indicator'
import { may } from '@/app/_components/may'
import { PageHeader } from '@/app/_components/page-header'
import { whyNotSubmit } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { EmptyState, ErrorState } from '@/app/_components/states'
import { formatCount } from '@/app/_components/time'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { BulkProgress } from './bulk-progress'
import { FilterBar } from './filter-bar'
import { filterParsers, isFiltered, NO_FILTERS } from './filters'
import { JobCard } from './job-card'
import { jobColumns } from './job-columns'
import { SelectionBar } from './selection-bar'
import { PAGE, useJobList } from './use-job-list'
import { usePages } from './use-pages'
import { useSelection } from './use-selection'

export function JobsPage() {
  const { organizationId, organization, me, ready, viewer, href } = useScope()
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const list = useJobList(filters)
  const { rows, count } = list
  const types = useJobTypes(organizationId, ready)
  // A page further on is the same question: what is ticked there stays.
  const ticks = useSelection(list.asked, rows)
  const [started, setStarted] = useState<readonly string[]>([])
  const mayAct = organizationId !== undefined && may(viewer, 'jobs.cancel', true)
  const pages = usePages(filters.cursor, list.nextCursor, (cursor) => void setFilters({ cursor }))
  const filtered = isFiltered(filters)
  const onActed = (deleted: boolean) => (deleted ? list.renew() : list.readAgain())
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
            {count ? formatCount(count.count, count.capped) : ''}
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
        {list.arrived > 0 ? (
          <Button
            size="sm"
            variant="primary"
            className="enter pointer-events-auto rounded-full! shadow-pop"
            onClick={() => {
              list.adopt()
              window.scrollTo({ top: 0 })
            }}
          >
            <ArrowUp aria-hidden className="size-3.5!" />
            {list.arrived >= PAGE ? `${PAGE}+` : list.arrived} new
          </Button>
        ) : null}
      </div>
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {list.error ? (
          <ErrorState error={list.error} onRetry={list.readAgain} />
        ) : !list.loading && rows.length === 0 ? (
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
            loading={list.loading}
            stale={list.stale}
            selection={mayAct ? { has: ticks.has, set: ticks.set, label: (job) => `Select job ${job.id}` } : undefined}
          />
        )}
      </div>

      {rows.length > 0 && !list.error ? (
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
          filter={list.filter}
          count={count}
          more={(count?.count ?? 0) > ticks.selection.jobs.size}
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
