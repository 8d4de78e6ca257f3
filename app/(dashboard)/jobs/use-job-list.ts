import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo, useReducer, useState } from 'react'
import { isFinal } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { useStep } from '@/app/_components/use-now'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import type { LiveJob } from '@/app/_trpc/live'
import type { ListedJob } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { wasNeverRead } from '@/app/_trpc/was-never-read'
import { isAskable, isMoving, questionOf, toFilter, type Filters } from './filters'
import { countNew, emptyList, rowsThatLeft, reduceList, shownRows } from './live-list'

/** How many rows a page can have. */
export const PAGE_SIZES = [50, 200, 1000] as const
export type PageSize = (typeof PAGE_SIZES)[number]
/** The list also tells why each job waits. */
const WHY: 'waiting'[] = ['waiting']
/** The most jobs that one call returns. */
const CALL = 100

/**
 * One page of the jobs that match the filters, and how many match in total. The rows stay in place while jobs change
 * (live-list.ts).
 */
export function useJobList(filters: Filters, size: PageSize) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready, follows, viewer } = useScope()
  const minute = useStep(60_000)
  const scope = useMemo(() => ({ organizationId, userId: viewer.userId }), [organizationId, viewer.userId])
  const filter = useMemo(() => toFilter(filters, scope, isMoving(filters) ? minute : 0), [filters, scope, minute])
  const asked = questionOf(filters, scope)
  const question = `${asked} ${size} ${filters.cursor ?? ''}`
  const [live, dispatch] = useReducer(reduceList<ListedJob>, undefined, emptyList<ListedJob>)

  const options = { enabled: ready && isAskable(filters, viewer.userId), placeholderData: keepPreviousData }
  const input = { ...filter, include: WHY, ...(filters.cursor ? { cursor: filters.cursor } : {}) }
  // The key holds the number of wanted rows, although a long page takes several calls.
  const wanted = trpc.jobs.list.queryOptions({ ...input, limit: size }, options)
  const list = useLiveQuery(
    size <= CALL
      ? wanted
      : {
          ...wanted,
          // The server asks a page's first questions in advance, each in one call (app/_trpc/early-questions.tsx). This
          // one takes several.
          meta: { early: false },
          queryFn: ({ signal }) =>
            readUpTo(size, (cursor) => client.jobs.list.query({ ...input, limit: CALL, ...cursor }, { signal })),
        },
    {
      follows,
      // Between two reads, events keep the rows up to date.
      everyMs: size <= CALL ? 3_000 : 15_000,
      onEvents: (events) => dispatch({ type: 'events', events }),
    },
  )
  const count = useLiveQuery(trpc.jobs.count.queryOptions(filter, { ...options, staleTime: 30_000 }), {
    // On a page of all organizations `follows` is null, and the count would be read every 10 s. It is too expensive.
    follows: follows ?? undefined,
    everyMs: 15_000,
    patient: true,
  })

  const items = list.isPlaceholderData ? undefined : list.data?.items
  const complete = list.data?.nextCursor === null
  const { dataUpdatedAt } = list
  // An effect event, because only a new answer may start it. A changed question would get the rows of the old one.
  const takeAnswer = useEffectEvent(() => {
    if (items) dispatch({ type: 'answer', key: question, items, complete })
  })
  // `dataUpdatedAt` is among the dependencies because an answer that equals the last one is the same object. Only its
  // time shows that it came.
  useEffect(() => takeAnswer(), [items, dataUpdatedAt])

  // A filter such as "the last hour" is another one each minute, and still the same question.
  const [counted, setCounted] = useState<string | null>(null)
  if (count.data && !count.isPlaceholderData && counted !== asked) setCounted(asked)

  const readAgain = () => void Promise.all([list.refetch(), count.refetch()])
  const rows = useMemo(() => shownRows(live), [live])
  const gone = useMemo(() => rowsThatLeft(live), [live])
  useGone(follows === null ? gone : NONE, dispatch)
  // Rows that answer another question tell nothing about this one.
  const answered = live.key === question
  return {
    filter,
    /** The filters as a text, without the page of the answer that is shown. */
    asked,
    rows,
    /** The ids of rows that no longer match the filter. The rows stay where they are until the list is drawn again. */
    gone,
    count: count.data,
    /** This question is not counted yet, and `count` may be that of the question before. Counting may outlast the rows. */
    countStale: counted !== asked,
    /** The jobs of this question could not be counted. It stays true while that is tried again. */
    uncounted: wasNeverRead(count),
    /** The answer, as the pager reads it. */
    page: list,
    loading: !answered && rows.length === 0,
    /** The rows answer the question before, and the new answer is on its way. */
    stale: list.isPlaceholderData,
    error: list.error !== null && (!answered || rows.length === 0) ? list.error : null,
    /** How many jobs have come since the list was drawn. On later pages it is 0. */
    arrived: filters.cursor || !answered ? 0 : countNew(live),
    /** Draws the list again with everything that has come. */
    adopt() {
      dispatch({ type: 'adopt' })
      void count.refetch()
    },
    readAgain,
    recount: () => void count.refetch(),
    /**
     * Call this after jobs were deleted. The next answer replaces the list. An answer that is already on its way is
     * asked for again, because it may still hold the deleted jobs.
     */
    renew() {
      dispatch({ type: 'renew' })
      readAgain()
    },
  }
}

const NONE: ReadonlySet<string> = new Set()
/** The most rows outside of the latest answer that are read one by one. */
const MOST_READ = 25
/** How often each of them is read until its job has ended. */
const READ_AGAIN_MS = 10_000

/**
 * Reads the jobs of rows that no longer belong to the answer, until the jobs have ended. A page that shows all
 * organizations gets no events, so it would not learn what happened to them.
 */
function useGone(
  gone: ReadonlySet<string>,
  dispatch: (action: { type: 'told'; jobs: readonly LiveJob[] }) => void,
): void {
  const trpc = useTRPC()
  const tell = useEffectEvent((jobs: readonly LiveJob[]) => dispatch({ type: 'told', jobs }))
  const told = useQueries({
    queries: [...gone]
      .slice(0, MOST_READ)
      .map((jobId) =>
        trpc.jobs.get.queryOptions(
          { jobId },
          { refetchInterval: ({ state }) => (state.data && isFinal(state.data.status) ? false : READ_AGAIN_MS) },
        ),
      ),
    combine: latestOf,
  })
  useEffect(() => tell(told), [told])
}

/** A single job does not tell why it waits, so an earlier reason is removed. */
const latestOf = (results: readonly { data?: LiveJob }[]) =>
  results.flatMap(({ data }) => (data ? { ...data, waiting: null } : []))

interface Part<T> {
  items: T[]
  nextCursor: string | null
}

/** Reads page after page until there are enough items, or no more pages. */
async function readUpTo<T>(size: number, read: (cursor: { cursor?: string }) => Promise<Part<T>>): Promise<Part<T>> {
  const items: T[] = []
  let part = await read({})
  items.push(...part.items)
  while (part.nextCursor !== null && items.length < size) {
    part = await read({ cursor: part.nextCursor })
    items.push(...part.items)
  }
  return { items, nextCursor: part.nextCursor }
}
