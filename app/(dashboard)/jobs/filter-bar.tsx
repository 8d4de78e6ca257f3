'use client'

import { X } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { Button } from '@/app/_components/button'
import { PRIORITIES, PRIORITY_LABEL, STATUS_META, STATUSES } from '@/app/_components/job-status'
import { Menu, MenuContent, MenuRadioGroup, MenuRadioItem, MenuSeparator } from '@/app/_components/menu'
import { FilterTrigger, MultiFilter } from '@/app/_components/multi-filter'
import { StatusIcon } from '@/app/_components/status-badge'
import { CODES, reasonLabel } from '@/app/_components/waiting/words'
import type { JobType } from '@/app/_trpc/types'
import { isFiltered, SINCE, sinceLabel, type Filters } from './filters'
import { SearchBox } from './search/search-box'
import { TypeFilter } from './type-filter'

// The code of these fields is loaded when they are first shown.
const BetweenDates = dynamic(() => import('@/app/_components/between-dates'), {
  ssr: false,
  loading: () => <span className="block h-control" />,
})

type Change = Partial<Filters>

interface Props {
  filters: Filters
  onChange: (change: Change) => void
  onClear: () => void
  types: JobType[] | undefined
  /** What stands beside the search: saved views, export and columns. */
  end: ReactNode
  /** What can be done with all jobs that match. It stands at the end of the filters. */
  acts: ReactNode
}

/** The search field and the menus of filters above the list of jobs. Both show and change the same filters. */
export function FilterBar({ filters, onChange, onClear, types, end, acts }: Props) {
  /** The search field holds a text that the list does not answer yet. */
  const [unsent, setUnsent] = useState(false)
  const between = filters.after !== null || filters.before !== null
  const created = between ? ['between'] : filters.since ? [sinceLabel(filters.since)] : []
  return (
    <div role="search" aria-label="Filter jobs" className="mb-3 grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox question={filters} onChange={onChange} onUnsent={setUnsent} types={types} />
        {end}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <MultiFilter
          name="Status"
          options={STATUSES.map((status) => ({
            value: status,
            label: STATUS_META[status].label,
            icon: <StatusIcon status={status} />,
          }))}
          value={filters.status}
          onChange={(status) => onChange({ status: status as Filters['status'] })}
        />
        <TypeFilter filters={filters} types={types} onChange={(type) => onChange({ type })} />
        <MultiFilter
          name="Why"
          options={CODES.map((code) => ({ value: code, label: reasonLabel(code) }))}
          value={filters.waitingFor}
          onChange={(waitingFor) => onChange({ waitingFor: waitingFor as Filters['waitingFor'] })}
        />
        <MultiFilter
          name="Priority"
          options={PRIORITIES.map((priority) => ({ value: priority, label: PRIORITY_LABEL[priority] }))}
          value={filters.priority}
          onChange={(priority) => onChange({ priority: priority as Filters['priority'] })}
        />
        <Menu>
          <FilterTrigger name="Created" chosen={created} />
          <MenuContent>
            <MenuRadioGroup
              value={between ? 'between' : (filters.since ?? 'any')}
              onValueChange={(value) => {
                if (value === 'between') {
                  // Two times to begin with: the last 24 hours, up to the last whole minute.
                  const now = Math.floor(Date.now() / 60_000) * 60_000
                  onChange({ since: null, after: new Date(now - 86_400_000), before: new Date(now) })
                } else onChange({ since: SINCE.find((one) => one === value) ?? null, after: null, before: null })
              }}
            >
              <MenuRadioItem value="any">At any time</MenuRadioItem>
              {SINCE.map((since) => (
                <MenuRadioItem key={since} value={since}>
                  {sinceLabel(since)}
                </MenuRadioItem>
              ))}
              <MenuSeparator />
              <MenuRadioItem value="between">Between…</MenuRadioItem>
            </MenuRadioGroup>
          </MenuContent>
        </Menu>
        <Button
          aria-pressed={filters.mine}
          className={filters.mine ? 'border-accent! shadow-none' : 'shadow-none'}
          onClick={() => onChange({ mine: !filters.mine, by: null })}
        >
          Mine
        </Button>
        {isFiltered(filters) ? (
          <Button variant="ghost" onClick={onClear}>
            <X aria-hidden /> Clear
          </Button>
        ) : null}
        {/* A press on a button leaves the search field, which then asks for what was typed. So what would act on the list
            as it was before is out of reach, and its place is kept. */}
        <div className={unsent ? 'invisible contents' : 'contents'}>{acts}</div>
      </div>
      {between ? (
        <BetweenDates
          labels={{ after: 'Created after', before: 'Created before' }}
          after={filters.after}
          before={filters.before}
          onChange={onChange}
        />
      ) : null}
    </div>
  )
}
