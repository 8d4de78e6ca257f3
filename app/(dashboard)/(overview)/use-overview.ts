import { useState } from 'react'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import type { WatchEvent } from '@/app/_trpc/types'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import type { Span } from '@/app/_components/figures/figure-paths'

// Reads the figures of the overview.

export const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const
export type Range = (typeof RANGES)[number]

/** The data is read again at this interval, because waits grow and the last hour moves on without any event. */
const BESIDE_EVENTS_MS = 30_000
/** Workers come and go without any event of a job. */
const WORKERS_MS = 10_000

/** How many causes are read at once. Where there are more, the page says so. */
const CAUSES = 25

const FAILED = ['FAILED', 'TIMED_OUT', 'DEAD_LETTER']
/** True for an event that says that a job failed, or that a dead one was brought back. */
const isAboutFailures = ({ type, fromStatus, toStatus }: WatchEvent) =>
  type === 'status' && (FAILED.includes(toStatus ?? '') || fromStatus === 'DEAD_LETTER')

/** The time that the figures cover: a range that ends now, or a time that was chosen in a chart. */
export type OverviewTime = { range: Range } | Span

/**
 * The data of the overview, for the chosen organization or for all of them. Figures that are expensive to count are
 * read less often.
 */
export function useOverview(time: OverviewTime) {
  const trpc = useTRPC()
  const { organizationId, ready, follows } = useScope()
  const scope = organizationId ? { organizationId } : {}
  const options = { enabled: ready, placeholderData: keptWithin(organizationId) }
  const live = (everyMs: number) => ({ follows, everyMs, besidesMs: BESIDE_EVENTS_MS })

  const overview = useLiveQuery(trpc.metrics.overview.queryOptions({ ...scope, ...time }, options), live(2_000))
  const series = useLiveQuery(trpc.metrics.timeseries.queryOptions({ ...scope, ...time }, options), live(10_000))
  const types = useLiveQuery(trpc.metrics.byType.queryOptions({ ...scope, ...time }, options), live(10_000))
  // While jobs of a listed cause are retried, wait or run, every change of a status may be one of theirs.
  const [goesOn, setGoesOn] = useState(false)
  const failing = useLiveQuery(trpc.metrics.failing.queryOptions({ ...scope, ...time, limit: CAUSES }, options), {
    ...live(5_000),
    when: (event) => (goesOn ? event.type === 'status' : isAboutFailures(event)),
  })
  const open = failing.data?.items.some(({ open: { retrying, waiting, running } }) => retrying + waiting + running > 0)
  if (open !== undefined && open !== goesOn) setGoesOn(open)
  const waiting = useLiveQuery(trpc.metrics.waiting.queryOptions(scope, options), live(5_000))
  const fleet = useLiveQuery(trpc.metrics.fleet.queryOptions(scope, options), {
    ...live(5_000),
    besidesMs: WORKERS_MS,
  })
  return { overview, series, types, failing, waiting, fleet }
}
