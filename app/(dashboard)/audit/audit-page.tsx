'use client'

import { ScrollText } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useQueryStates } from 'nuqs'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { ForAdmins } from '../organization/for-admins'
import { EntryList, EntrySkeleton } from './entry-list'
import { FilterBar } from './filter-bar'
import { CLEAR, isFiltered, parsers, type Params } from './params'
import { useAudit, useMayRead } from './use-audit'

const EntryDrawer = dynamic(() => import('./entry-drawer'), { ssr: false })

/**
 * Who did what, newest first. Admins see the entries of their organization. System admins see those of all
 * organizations, and those that belong to none.
 */
export function AuditPage() {
  const { href, organizationId, me } = useScope()
  const [params, setParams] = useQueryStates(parsers, { history: 'push' })
  const mayRead = useMayRead()
  const list = useAudit(params)
  const pages = usePages(params.cursor, list, (cursor) => void setParams({ cursor }))
  const entries = list.data?.items ?? []
  const filter = (change: Partial<Params>) => void setParams({ ...change, cursor: null })

  if (me && !mayRead)
    return (
      <Page title="Audit">
        <ForAdmins what="The audit" organizationId={organizationId} />
      </Page>
    )
  return (
    <Page title="Audit">
      <FilterBar params={params} onChange={filter} onClear={() => void setParams(CLEAR)} />
      {list.error && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <EntrySkeleton />
      ) : entries.length > 0 ? (
        <>
          <EntryList
            entries={entries}
            withOrganization={!organizationId}
            stale={list.isPlaceholderData}
            pathOf={({ id }) => href(`/audit?entry=${id}`)}
            onOpen={({ id }) => void setParams({ entry: id })}
          />
          {pages.several ? <Pager pages={pages} /> : null}
        </>
      ) : (
        <EmptyState
          icon={ScrollText}
          title={isFiltered(params) ? 'No act matches' : 'Nothing has been done yet'}
          text={
            isFiltered(params)
              ? 'Nobody did this in this time. Take a filter away to see more.'
              : 'Pauses, limits, roles, keys, deletions and bulk actions are written down here, with who did them and why.'
          }
          action={isFiltered(params) ? { label: 'Clear the filters', onClick: () => void setParams(CLEAR) } : undefined}
        />
      )}
      {params.entry && mayRead ? (
        <EntryDrawer
          key={params.entry}
          id={params.entry}
          known={entries.find(({ id }) => id === params.entry)}
          onClose={() => void setParams({ entry: null })}
        />
      ) : null}
    </Page>
  )
}
