'use client'

import { useQuery, type QueryKey, type UseQueryOptions } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import type { Target } from './event-stream'
import { useEvents } from './events'
import { throttle } from './live'
import { thisPage, whenSeen } from './page-view'
import type { WatchEvent } from './types'

/** Several organizations at once have no stream of events. What shows them is read at intervals. */
const WITHOUT_EVENTS_MS = 10_000

interface Live {
  /** Whose events it follows. Null: there are none, so it is read at intervals. Undefined: not known yet. */
  follows: Target | null | undefined
  /** However many events come, it is read at most once in so many milliseconds. */
  everyMs: number
  /** The first read after the page was opened waits for that long, too. For what is dear to read and was read just now. */
  patient?: boolean
  /** Time passes also where nothing happens: read it again at this interval, beside the events. */
  besidesMs?: number
  /** Which events make it stale. Left out: every change of a status. */
  when?: (event: WatchEvent) => boolean
  /** All events, as they come: for what they say by themselves, before anything is read. */
  onEvents?: (events: WatchEvent[]) => void
}

const isStatus = (event: WatchEvent) => event.type === 'status'

/**
 * A query whose answer follows the engine. It is read again when events say that it is stale, and where events
 * may have been missed. While nobody sees the page nothing is read, and what is due is read when it is shown.
 */
export function useLiveQuery<Answer, Failure, Data = Answer, Key extends QueryKey = QueryKey>(
  options: UseQueryOptions<Answer, Failure, Data, Key>,
  { follows, everyMs, patient = false, besidesMs, when = isStatus, onEvents }: Live,
) {
  const events = useEvents()
  const query = useQuery({
    ...options,
    refetchInterval: follows === null ? WITHOUT_EVENTS_MS : (besidesMs ?? false),
  })
  const enabled = options.enabled !== false
  const organizationId = enabled ? follows?.organizationId : undefined
  const jobId = follows?.jobId

  // A read that is under way may have begun before the event, so it is done anew, unless it is known to be late enough.
  const read = useEffectEvent((underWay: boolean) => void query.refetch({ cancelRefetch: !underWay }))
  const concerns = useEffectEvent(when)
  const hear = useEffectEvent((batch: WatchEvent[]) => onEvents?.(batch))

  useEffect(() => {
    if (!organizationId) return
    const seen = whenSeen(thisPage, (late) => read(late))
    const soon = throttle(seen, everyMs, patient)
    const leave = events.follow({
      target: { organizationId, ...(jobId ? { jobId } : {}) },
      onEvents: (batch) => {
        hear(batch)
        if (batch.some((event) => concerns(event))) soon()
      },
      onGap: (underWay) => (underWay ? read(true) : soon()),
    })
    return () => {
      leave()
      soon.cancel()
      seen.cancel()
    }
  }, [events, organizationId, jobId, everyMs, patient])

  return query
}
