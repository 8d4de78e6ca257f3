'use client'

import { CircleCheck } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { Button } from '@/app/_components/button'
import { ColumnsMenu } from '@/app/_components/data-table/columns-menu'
import { DataTable } from '@/app/_components/data-table/data-table'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { NotRead } from '@/app/_components/page/not-read'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { Page } from '@/app/_components/page/page'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import type { DeadLetterGroup } from '@/app/_trpc/types'
import { Figures } from './figures'
import { GroupCard, useGroupColumns, type Opening } from './group-columns'
import { IgnoredGroups } from './ignored-groups'
import { parsers } from './params'
import { drawerOfCause } from './paths'
import { useDeadLetters } from './use-groups'

const GroupDrawer = dynamic(() => import('./group-drawer'), { ssr: false })
const BulkProgress = dynamic(() => import('../jobs/bulk-progress').then((m) => m.BulkProgress), { ssr: false })

/** The name under which the reader's choice of columns is kept. */
const TABLE = 'dead-letter'

export function DeadLetterPage() {
  const { href, organizationId } = useScope()
  const [params, setParams] = useQueryStates(parsers, { history: 'push' })
  const { figures, list, ignored, readAgain } = useDeadLetters(params)
  const pages = usePages(params.cursor, list, (cursor) => void setParams({ cursor }))
  /** The bulk actions that were started here and go on in the background. */
  const [started, setStarted] = useState<readonly string[]>([])

  const opening = useMemo<Opening>(() => {
    // In the list of new causes each row is one job type. Otherwise a row covers all job types with the cause.
    const of = (group: DeadLetterGroup) => (params.new ? group.jobType : null)
    return {
      pathOf: (group) => {
        const type = of(group)
        return href(
          drawerOfCause(
            { ...group, jobTypes: type === null ? undefined : [type] },
            { chosen: organizationId, staysOverAll: organizationId === undefined },
          ),
        )
      },
      open: (group) =>
        void setParams({
          cause: group.errorFingerprint,
          of: of(group),
          at: organizationId ? null : group.organizationId,
        }),
    }
  }, [params.new, organizationId, href, setParams])
  const columns = useGroupColumns(opening)
  const rows = list.data?.items ?? []
  const loading = list.isPending

  return (
    <Page title="Dead letter" live>
      {figures.error && !figures.data ? (
        <NotRead what="The figures" onRetry={() => void figures.refetch()} className="mb-4" />
      ) : (
        <Figures figures={figures.data} onlyNew={params.new} />
      )}
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Segmented
          label="Sorted by"
          value={params.sort}
          onChange={(sort) => void setParams({ sort, cursor: null })}
          options={[
            { value: 'count', label: 'Most dead' },
            { value: 'lastSeen', label: 'Last seen' },
          ]}
        />
        {params.new ? (
          <Button size="sm" onClick={() => void setParams({ new: null })}>
            New causes only: show all
          </Button>
        ) : null}
        <div className="ml-auto empty:hidden">
          <ColumnsMenu table={TABLE} columns={columns} />
        </div>
      </div>
      {started.length > 0 && organizationId ? (
        <BulkProgress
          key={organizationId}
          organizationId={organizationId}
          started={started}
          onDismiss={(bulkId) => setStarted((ids) => ids.filter((id) => id !== bulkId))}
          onEnded={readAgain}
        />
      ) : null}
      <div
        data-total={params.new && list.data ? rows.length : undefined}
        className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card"
      >
        {list.error && !list.data ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : loading || rows.length > 0 ? (
          <DataTable
            name={TABLE}
            keyboard
            caption={params.sort === 'count' ? 'Causes of dead letters, most first' : 'Causes, last seen first'}
            columns={columns}
            rows={rows}
            rowKey={({ organizationId, errorFingerprint, jobType }) =>
              `${organizationId} ${errorFingerprint} ${params.new ? jobType : ''}`
            }
            card={(group) => <GroupCard group={group} opening={opening} />}
            loading={loading}
            stale={list.isPlaceholderData}
          />
        ) : (
          <EmptyState
            icon={CircleCheck}
            tone="bg-completed-soft text-completed"
            title={params.new ? 'No new cause in 24 hours' : 'Nothing is dead'}
            text={
              params.new
                ? 'Whatever is dead now has failed before.'
                : 'Jobs that use up their retries, or fail for good, are gathered here by what they died of.'
            }
            action={params.new ? { label: 'Show all causes', onClick: () => void setParams({ new: null }) } : undefined}
          />
        )}
      </div>
      {rows.length > 0 && !params.new && pages.several ? <Pager pages={pages} /> : null}
      {ignored.error && !ignored.data ? (
        <NotRead what="The ignored causes" onRetry={() => void ignored.refetch()} className="mt-4" />
      ) : (
        <IgnoredGroups groups={ignored.data?.items ?? []} opening={opening} onChanged={readAgain} />
      )}
      {params.cause ? (
        <GroupDrawer
          key={`${params.cause} ${params.of ?? ''}`}
          cause={params.cause}
          of={params.of}
          organizationId={params.at ?? organizationId}
          tried={params.tried}
          onTried={(tried) => void setParams({ tried }, { history: 'replace' })}
          onClose={() => void setParams({ cause: null, of: null, at: null, tried: null })}
          onChanged={readAgain}
          onStarted={(bulkId) => setStarted((ids) => [...ids, bulkId])}
        />
      ) : null}
    </Page>
  )
}
