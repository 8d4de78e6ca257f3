'use client'

import { useQuery } from '@tanstack/react-query'
import { CalendarClock, Plus, SearchX } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { LinkButton } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { ChoiceFilter } from '@/app/_components/choice-filter'
import { cn } from '@/app/_components/cn'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { SearchField } from '@/app/_components/search-field'
import { useScope } from '@/app/_components/shell/organization'
import { LONGEST_HIDDEN_MS, useHasPassed } from '@/app/_components/use-has-passed'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { DayStrip, useDay } from './day-strip'
import { ScheduleRow } from './schedule-row'

/** Schedules send no events, so the list is read again at this interval. */
const READ_AGAIN_MS = 5_000
const STATES = [
  { value: 'ON', label: 'Switched on' },
  { value: 'FAILING', label: 'Last run failed' },
  { value: 'OFF', label: 'Switched off' },
  { value: 'OVER', label: 'Over' },
] as const
const parsers = {
  q: parseAsString,
  state: parseAsStringLiteral(STATES.map(({ value }) => value)),
  cursor: parseAsString,
}

/** What is submitted again and again: the two days around now, and each schedule with its next and its last runs. */
export function SchedulesPage() {
  const trpc = useTRPC()
  const { organizationId, ready, href, viewer } = useScope()
  const [{ q, state, cursor }, setParams] = useQueryStates(parsers, { history: 'push' })
  const list = useQuery(
    trpc.schedules.list.queryOptions(
      {
        ...(organizationId ? { organizationId } : {}),
        ...(q ? { search: q } : {}),
        ...(state ? { state } : {}),
        ...(cursor ? { cursor } : {}),
        limit: 50,
      },
      { enabled: ready, placeholderData: keptWithin(organizationId), refetchInterval: READ_AGAIN_MS },
    ),
  )
  const day = useDay()
  // How high the strip is decides where all below it stands. So that is not seen until the strip is known, also after a
  // switch to another organization.
  const hasWaited = useHasPassed(LONGEST_HIDDEN_MS, organizationId)
  const isPlaced = hasWaited || !day.isPending
  const pages = usePages(cursor, list, (next) => void setParams({ cursor: next }))
  const schedules = list.data?.items ?? []
  const manages = may(viewer, 'schedules.manage') && organizationId !== undefined
  return (
    <Page
      title="Schedules"
      live
      actions={
        manages ? (
          <LinkButton variant="primary" href={href('/schedules/~new')}>
            <Plus aria-hidden /> New schedule
          </LinkButton>
        ) : null
      }
    >
      {/* It stands above what changes its height, and is never taken away. So it keeps its place, the focus and what is
          half typed. */}
      <div role="search" aria-label="Filter schedules" className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField
          label="Search schedules"
          placeholder="Search name, job type"
          value={q ?? ''}
          onChange={(next) => void setParams({ q: next || null, cursor: null })}
        />
        <ChoiceFilter
          name="State"
          any="Any state"
          options={STATES}
          value={state}
          onChange={(next) => void setParams({ state: next as typeof state, cursor: null })}
        />
      </div>
      {isPlaced ? <DayStrip day={day} /> : <span aria-hidden className="skeleton mb-4 block h-32 rounded-lg" />}
      <Card padded={false} className={cn(!isPlaced && 'invisible')}>
        {list.error && !list.data ? (
          <ErrorState compact error={list.error} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <span aria-hidden className="skeleton block h-64" />
        ) : schedules.length === 0 && (q || state) ? (
          <EmptyState
            compact
            icon={SearchX}
            title="No schedule fits"
            text="The search looks at the names of schedules and of their job types."
            action={{ label: 'Show all', onClick: () => void setParams({ q: null, state: null, cursor: null }) }}
          />
        ) : schedules.length === 0 ? (
          <EmptyState
            compact
            icon={CalendarClock}
            title="Nothing is scheduled"
            text={
              manages
                ? 'A schedule submits a job again and again, such as a report every morning. Each run is submitted exactly once.'
                : 'An admin of the organization makes schedules. They submit a job again and again, such as a report every morning.'
            }
          >
            {manages ? <LinkButton href={href('/schedules/~new')}>New schedule</LinkButton> : null}
          </EmptyState>
        ) : (
          <ul aria-label="Schedules, newest first" className="divide-y divide-line">
            {schedules.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} />
            ))}
          </ul>
        )}
      </Card>
      {list.data && pages.several ? <Pager pages={pages} /> : null}
    </Page>
  )
}
