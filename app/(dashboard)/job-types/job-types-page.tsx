'use client'

import dynamic from 'next/dynamic'
import { PackageOpen, Plus, SearchX } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useState } from 'react'
import { LinkButton } from '@/app/_components/button'
import { ColumnsMenu } from '@/app/_components/data-table/columns-menu'
import { DataTable } from '@/app/_components/data-table/data-table'
import { may } from '@/app/_components/may'
import { NotRead } from '@/app/_components/page/not-read'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { SearchField } from '@/app/_components/search-field'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTypeColumns, TypeCard } from './type-columns'
import { fitsSearch, needsLook } from './type-row'
import { useTypeRows } from './use-type-rows'

const LimitDialog = dynamic(() => import('./limit-dialog'), { ssr: false })

/** The name under which the reader's choice of columns is kept. */
const TABLE = 'job-types'
const SHOW = ['all', 'look'] as const
const parsers = {
  q: parseAsString.withDefault(''),
  show: parseAsStringLiteral(SHOW).withDefault('all'),
}

/** All job types, how they do, and how to change them. */
export function JobTypesPage() {
  const { viewer, href, organizationId } = useScope()
  const [{ q, show }, setParams] = useQueryStates(parsers, { history: 'push' })
  const { rows, figuresKnown: known, error, readAgain } = useTypeRows()
  /**
   * The name of the job type whose limit is being changed. Not the row itself, because rows are read again meanwhile.
   */
  const [limiting, setLimiting] = useState<string | null>(null)
  const writes = may(viewer, 'jobTypes.write')
  // The organization for which this person, who may not change limits, asks for another one.
  const asksFor = !writes && may(viewer, 'requests.create') ? organizationId : undefined
  const onLimit = writes || asksFor ? openLimit : undefined
  const columns = useTypeColumns({ known, asks: asksFor !== undefined, onLimit })

  function openLimit({ type }: { type: { name: string } }) {
    setLimiting(type.name)
  }
  const found = rows?.filter((row) => fitsSearch(row, q))
  const looks = found && known ? found.filter(needsLook) : undefined
  const shown = show === 'look' ? looks : found
  const limited = rows?.find(({ type }) => type.name === limiting)
  const clear = () => void setParams({ q: null, show: null })

  return (
    <Page
      title="Job types"
      live
      aside={
        <span className="min-w-8 text-sm text-faint tabular-nums">
          {shown ? formatCount(shown.length) : ''}
          <span className="sr-only"> job types</span>
        </span>
      }
      actions={
        writes ? (
          <LinkButton variant="primary" href={href('/job-types/~new')}>
            <Plus aria-hidden /> New job type
          </LinkButton>
        ) : null
      }
      error={rows ? null : error}
      onRetry={readAgain}
    >
      <div role="search" aria-label="Filter job types" className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField
          label="Search job types"
          placeholder="Search name, description, handler"
          value={q}
          onChange={(next) => void setParams({ q: next })}
        />
        <Segmented
          label="Show"
          value={show}
          onChange={(next) => void setParams({ show: next })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'look', label: looks ? `Needs a look ${looks.length}` : 'Needs a look' },
          ]}
        />
        <div className="ml-auto empty:hidden">
          <ColumnsMenu table={TABLE} columns={columns} />
        </div>
      </div>
      <div className="-mx-4 border-y border-line bg-surface md:mx-0 md:overflow-hidden md:rounded-lg md:border-x md:shadow-card">
        {!shown || shown.length > 0 ? (
          <DataTable
            name={TABLE}
            keyboard
            caption="Job types, by name"
            columns={columns}
            rows={shown ?? []}
            rowKey={({ type }) => type.name}
            card={(row) => <TypeCard row={row} known={known} asks={asksFor !== undefined} onLimit={onLimit} />}
            loading={!shown}
          />
        ) : q || (show === 'look' && found?.length === 0) ? (
          <EmptyState
            icon={SearchX}
            title="No job type fits"
            text="The search looks at names, descriptions and handlers."
            action={{ label: 'Show all', onClick: clear }}
          />
        ) : show === 'look' ? (
          <EmptyState
            icon={PackageOpen}
            title="Nothing needs a look"
            text="No job type fails, is paused, has an open circuit or waits at its limit."
            action={{ label: 'Show all', onClick: clear }}
          />
        ) : (
          <EmptyState
            icon={PackageOpen}
            title="No job types"
            text={
              writes
                ? 'A job type says which handler does the work and what a job of it must bring along.'
                : 'A system admin makes them. Then they stand here, and jobs of them can be submitted.'
            }
          >
            {writes ? (
              <LinkButton variant="primary" href={href('/job-types/~new')}>
                New job type
              </LinkButton>
            ) : null}
          </EmptyState>
        )}
      </div>
      {rows && error ? <NotRead what="A part of the figures" onRetry={readAgain} className="mt-3" /> : null}
      {limited ? <LimitDialog type={limited.type} asks={asksFor} onClose={() => setLimiting(null)} /> : null}
    </Page>
  )
}
