'use client'

import { useQuery } from '@tanstack/react-query'
import { CalendarClock, Plus, SearchX } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { LinkButton } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { ChoiceFilter } from '@/app/_components/choice-filter'
import { Pager } from '@/app/_components/data-table/pager'
import { usePages } from '@/app/_components/data-table/use-pages'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { SearchField } from '@/app/_components/search-field'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useHasPassed } from '../(overview)/use-has-passed'
import { DayStrip, useDay } from './day-strip'
import { ScheduleRow } from './schedule-row'

/** Schedules send no events, so the list is read again at this interval. */
const READ_AGAIN_MS = 5_000
/** The list does not wait longer than this for the strip of the two days around now. */
const LONGEST_HIDDEN_MS = 1_500
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
  const hasWaited = useHasPassed(LONGEST_HIDDEN_MS)
  const isPlaced = hasWaited || !day.isPending
  const pages = usePages(cursor, list.data?.nextCursor ?? null, (next) => void setParams({ cursor: next }))
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
      error={list.data ? null : list.error}
      onRetry={() => void list.refetch()}
      skeleton={list.data && isPlaced ? null : <Skeleton />}
    >
      <DayStrip day={day} />
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
      <Card padded={false}>
        {schedules.length === 0 && (q || state) ? (
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
      {pages.newer || pages.older ? <Pager newer={pages.newer} older={pages.older} /> : null}
    </Page>
  )
}

const Skeleton = () => (
  <div className="grid gap-4" aria-hidden>
    <span className="skeleton block h-40 rounded-lg" />
    <span className="skeleton block h-64 rounded-lg" />
  </div>
)
