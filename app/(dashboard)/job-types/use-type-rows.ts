import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useStep } from '@/app/_components/use-now'
import { useScope } from '@/app/_components/shell/organization'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { rowsOf } from './type-row'

/** Job types, pauses and circuits have no events of their own, so they are read at this interval. */
const REFRESH_MS = 15_000
/** The data is read again at this interval, because the last day moves on without any event. */
const BESIDE_EVENTS_MS = 30_000

/** All job types and how they do, in the chosen organization or in all of them. */
export function useTypeRows() {
  const { organizationId, ready } = useScope()
  const types = useJobTypes(organizationId, ready, REFRESH_MS)
  const day = useByType({ range: '24h' }, 5_000)
  const week = useByType(useWeekBefore(), 60_000)
  const held = useHeld()
  const waiting = useWaiting()

  const rows = useMemo(
    () =>
      types.data &&
      rowsOf({
        types: types.data,
        day: day.data?.items,
        week: week.data?.items,
        span: day.data,
        waiting: waiting.data?.byJobType,
        pauses: held.pauses.data?.items,
        circuits: held.circuits.data?.items,
        organizationId,
      }),
    [types.data, day.data, week.data, waiting.data, held.pauses.data, held.circuits.data, organizationId],
  )
  const parts = [types, day, week, waiting, held.pauses, held.circuits]
  return {
    rows,
    /** True once the figures of the day, the pauses and the circuits are loaded. Health is not known before. */
    figuresKnown: day.data !== undefined && held.pauses.data !== undefined && held.circuits.data !== undefined,
    /** True once it is known which of the types are paused. Nobody has to wait for figures to pause one. */
    pausesKnown: types.data !== undefined && held.pauses.data !== undefined,
    /** The error of a part that could not be read. What the page shows is incomplete then. */
    error: parts.find((part) => part.error !== null && part.data === undefined)?.error ?? null,
    readAgain: () => void Promise.all(parts.map((part) => part.refetch())),
  }
}

const HOUR_MS = 3_600_000
/**
 * The seven days before the last day. A week up to now would hold the day that is compared with it, and so make every
 * change look smaller. Undefined on the server, which does not know when the page is read.
 */
function useWeekBefore() {
  const now = useStep(HOUR_MS)
  const day = 24 * HOUR_MS
  return useMemo(
    () =>
      now === 0 ? undefined : { from: new Date(now - 8 * day).toISOString(), to: new Date(now - day).toISOString() },
    [now, day],
  )
}

/**
 * The figures of each job type over a time. Nothing is asked while the time is not known. The input then holds any
 * valid range, because a question must have one.
 */
function useByType(time: { range: '24h' } | { from: string; to: string } | undefined, everyMs: number) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready, follows } = useScope()
  const input = { ...(organizationId ? { organizationId } : {}), ...(time ?? { range: '24h' as const }), limit: 100 }
  return useLiveQuery(
    {
      ...trpc.metrics.byType.queryOptions(input),
      queryFn: ({ signal }) => allPages((page) => client.metrics.byType.query({ ...input, ...page }, { signal })),
      enabled: ready && time !== undefined,
      placeholderData: keptWithin(organizationId),
    },
    { follows, everyMs, besidesMs: BESIDE_EVENTS_MS },
  )
}

/** What waits now, for whatever it waits. */
function useWaiting() {
  const trpc = useTRPC()
  const { organizationId, ready, follows } = useScope()
  return useLiveQuery(
    trpc.metrics.waiting.queryOptions(organizationId ? { organizationId } : {}, {
      enabled: ready,
      placeholderData: keptWithin(organizationId),
    }),
    { follows, everyMs: 5_000, besidesMs: BESIDE_EVENTS_MS },
  )
}

/** What people and circuits hold back. */
function useHeld() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready } = useScope()
  const scope = organizationId ? { organizationId } : {}
  const pauses = useQuery(trpc.control.list.queryOptions(scope, { enabled: ready, refetchInterval: REFRESH_MS }))
  const open = { ...scope, state: ['OPEN' as const, 'HALF_OPEN' as const], limit: 100 }
  const circuits = useQuery({
    ...trpc.circuits.list.queryOptions(open),
    queryFn: ({ signal }) => allPages((page) => client.circuits.list.query({ ...open, ...page }, { signal })),
    enabled: ready,
    refetchInterval: REFRESH_MS,
  })
  return { pauses, circuits }
}
