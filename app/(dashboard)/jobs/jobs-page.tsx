'use client'

import dynamic from 'next/dynamic'
import { parseAsNumberLiteral, useQueryState, useQueryStates } from 'nuqs'
import { useState } from 'react'
import { KeyHints } from '@/app/_components/data-table/key-hints'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { whyNotSubmit } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { usePageActions } from '@/app/_components/palette/page-actions'
import { Page } from '@/app/_components/page/page'
import { usePlace } from '@/app/_components/page/place'
import { useScope } from '@/app/_components/shell/organization'
import { NoteButton } from '@/app/_components/note-button'
import { formatCount } from '@/app/_components/time'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { cutText } from '@/server/engine/domain/visible'
import { ActOnAll } from './act-on-all'
import { FilterBar } from './filter-bar'
import { filterParsers, hasConditions, isFiltered, NO_FILTERS } from './filters'
import { useJobColumns } from './job-columns'
import { JobsTable } from './jobs-table'
import { NewJobs } from './new-jobs'
import { searchText } from './search/write'
import { SubmitLink } from './submit-link'
import { RowsSelect } from './rows-select'
import { Toolbar } from './toolbar'
import { PAGE_SIZES, useJobList } from './use-job-list'
import { useSelection } from './use-selection'
import { WaitingLine } from './waiting-line'

// The list is what people look at first. The code of these parts is loaded after it.
const BulkProgress = dynamic(() => import('./bulk-progress').then((m) => m.BulkProgress), { ssr: false })
const CauseChip = dynamic(() => import('./cause-chip'), {
  ssr: false,
  loading: () => <span className="mb-3 block h-8.5" />,
})
const ExportProgress = dynamic(() => import('./export-progress'), { ssr: false })
const BulkChip = dynamic(() => import('./bulk-chip'), {
  ssr: false,
  loading: () => <span className="mb-3 block h-8.5" />,
})
const SelectionBar = dynamic(() => import('./selection-bar').then((m) => m.SelectionBar), { ssr: false })

const parseAsPageSize = parseAsNumberLiteral(PAGE_SIZES).withDefault(50)

export function JobsPage() {
  const { organizationId, me, ready, viewer } = useScope()
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const [size, setSize] = useQueryState('rows', parseAsPageSize)
  const list = useJobList(filters, size)
  const types = useJobTypes(organizationId, ready)
  usePlace('/jobs', list.rows.length > 0)
  const columns = useJobColumns(types.data)
  const [exporting, setExporting] = useState<string | null>(null)
  // Jobs that are ticked on one page of the list stay ticked on the next page.
  const ticks = useSelection(list.asked, list.rows)
  // The least that a role may do to jobs is to cancel its own.
  const mayAct = organizationId !== undefined && may(viewer, 'jobs.cancel', true)
  const pages = usePages(filters.cursor, list.page, (cursor) => void setFilters({ cursor }))
  /** The bulk actions that were started here and go on in the background. */
  const [started, setStarted] = useState<readonly string[]>([])
  const clear = () => void setFilters(NO_FILTERS)
  usePageActions([
    ...(isFiltered(filters) ? [{ label: 'Clear filters', run: clear }] : []),
    {
      label: filters.mine ? 'Show jobs of everybody' : 'Show only my jobs',
      run: () => void setFilters({ mine: !filters.mine, by: null, cursor: null }),
    },
    {
      label: 'Show what failed',
      run: () => void setFilters({ ...NO_FILTERS, status: ['FAILED', 'TIMED_OUT', 'DEAD_LETTER'] }),
    },
    ...(mayAct && list.rows.length > 0 ? [{ label: 'Select all jobs that match', run: ticks.selectAll }] : []),
  ])
  const onActed = (deleted: boolean) => (deleted ? list.renew() : list.readAgain())

  return (
    <Page
      title="Jobs"
      tab={tabOf(searchText(filters))}
      live
      aside={list.uncounted ? <Uncounted onRetry={list.recount} /> : <Count count={list.count} />}
      actions={<SubmitLink />}
    >
      <FilterBar
        filters={filters}
        onChange={(change) => void setFilters({ ...change, cursor: null })}
        onClear={clear}
        types={types.data}
        end={
          <Toolbar
            question={filters}
            filter={list.filter}
            columns={columns}
            onOpen={(question) => void setFilters({ ...question, cursor: null })}
            onExport={setExporting}
          />
        }
        acts={
          mayAct && hasConditions(list.filter) ? (
            <ActOnAll
              key={list.asked}
              filter={list.filter}
              count={list.countStale ? undefined : list.count}
              uncounted={list.uncounted}
              onStarted={(bulkId) => setStarted((ids) => [...ids, bulkId])}
              onDone={() => onActed(false)}
            />
          ) : null
        }
      />
      {filters.cause ? (
        <CauseChip cause={filters.cause} onClear={() => void setFilters({ cause: null, cursor: null })} />
      ) : null}
      {filters.bulk || filters.request ? (
        <BulkChip
          bulkId={filters.bulk}
          requestId={filters.request}
          onClear={() => void setFilters({ bulk: null, request: null, cursor: null })}
        />
      ) : null}
      {organizationId && ready && me ? (
        <BulkProgress
          key={organizationId}
          organizationId={organizationId}
          started={started}
          onDismiss={(bulkId) => setStarted((ids) => ids.filter((id) => id !== bulkId))}
          onEnded={(kinds) => onActed(kinds.includes('delete'))}
        />
      ) : null}
      {exporting ? <ExportProgress jobId={exporting} onDismiss={() => setExporting(null)} /> : null}
      <WaitingLine filters={filters} />
      <NewJobs count={list.arrived} gone={list.gone.size} countedUpTo={size} onShow={list.adopt} />
      <JobsTable
        list={list}
        columns={columns}
        types={types.data}
        selection={mayAct ? ticks.rows : undefined}
        filtered={isFiltered(filters)}
        onClearFilters={clear}
      />
      {list.rows.length > 0 && !list.error ? (
        <Pager
          pages={pages}
          hint={
            organizationId ? (
              <KeyHints selects={mayAct} runs={whyNotSubmit(viewer) === null} />
            ) : (
              <p>To select or export jobs, choose an organization at the top of the navigation.</p>
            )
          }
          size={<RowsSelect size={size} onChange={(rows) => void setSize(rows)} />}
        />
      ) : null}
      {mayAct && (ticks.selection.all || ticks.selection.jobs.size > 0) ? (
        <SelectionBar
          selection={ticks.selection}
          filter={list.filter}
          count={list.count}
          more={(list.count?.count ?? 0) > ticks.selection.jobs.size}
          onSelectAll={ticks.selectAll}
          onClear={ticks.clear}
          onStarted={(bulkId) => setStarted((ids) => [...ids, bulkId])}
          onDone={(kind) => onActed(kind === 'delete')}
        />
      ) : null}
    </Page>
  )
}

/** The name of the browser tab. It holds the search, so that tabs with several lists can be told apart. */
const tabOf = (search: string) => (search ? `${cutText(search, 60)} · Jobs` : 'Jobs')

/** Stands in place of the count where the jobs could not be counted. */
const Uncounted = ({ onRetry }: { onRetry: () => void }) => (
  <NoteButton
    title="The jobs could not be counted. Press to count again."
    className="min-w-16 text-left text-sm"
    onPress={onRetry}
  >
    Not counted
  </NoteButton>
)

/** How many jobs match. If the filter asks when they failed, it also says how often they failed. */
const Count = ({ count }: { count: { count: number; capped: boolean; failures?: number } | undefined }) => (
  <span
    className="min-w-16 text-sm text-faint tabular-nums"
    aria-live="off"
    // e2e/figures.spec.ts compares these with the figures that lead here.
    data-total={count?.count}
    data-total-failures={count?.failures}
  >
    {count ? formatCount(count.count, count.capped) : ''}
    <span className={count?.failures === undefined ? 'sr-only' : undefined}>
      {' '}
      {count?.count === 1 ? 'job' : 'jobs'}
    </span>
    {count?.failures === undefined
      ? null
      : `, ${count.failures === 1 ? '1 failed attempt' : `${formatCount(count.failures)} failed attempts`}`}
  </span>
)
