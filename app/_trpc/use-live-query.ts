'use client'

import { useQuery, type QueryKey, type UseQueryOptions } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Target } from './event-stream'
import { useEvents } from './events'
import { throttle } from './live'
import { thisPage, whenSeen } from './page-view'
import { createReadAgain } from './read-again'
import type { WatchEvent } from './types'

/** A page that shows several organizations has no stream of events, so it reads its data at this interval. */
const WITHOUT_EVENTS_MS = 10_000

interface Live {
  /**
   * Whose events the query follows. Null where there are none, so that the query reads at intervals. Undefined while it
   * is not known yet.
   */
  follows: Target | null | undefined
  /** The data is read at most once in this many milliseconds, however many events come. */
  everyMs: number
  /**
   * An event soon after the query began to follow waits until `everyMs` have passed since then. It is meant for data
   * that is expensive to read and was read just then.
   */
  patient?: boolean
  /**
   * Reads the data again after this interval even when no event arrives, because some figures change with time alone.
   * Where `follows` is null, WITHOUT_EVENTS_MS counts in its place.
   */
  besidesMs?: number
  /** Chooses the events that make the data stale. Without it, every change of a status does. */
  when?: (event: WatchEvent) => boolean
  /** Receives all events as they arrive, before anything is read again. */
  onEvents?: (events: WatchEvent[]) => void
}

const isStatus = (event: WatchEvent) => event.type === 'status'

/**
 * A query whose answer stays up to date. It is read again when events show that it is stale, and when events may have
 * been missed. Nothing is read while the page is hidden. A read that became due is made when the page is shown.
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

  const [readAgain] = useState(createReadAgain)
  const read = useEffectEvent((underWay: boolean) => readAgain(query, underWay))
  const makesStale = useEffectEvent(when)
  const hear = useEffectEvent((batch: WatchEvent[]) => onEvents?.(batch))

  useEffect(() => {
    if (!organizationId) return
    const seen = whenSeen(thisPage, (late) => read(late))
    const soon = throttle(seen, everyMs, patient)
    const leave = events.follow({
      target: { organizationId, ...(jobId ? { jobId } : {}) },
      onEvents: (batch) => {
        hear(batch)
        if (batch.some((event) => makesStale(event))) soon()
      },
      // A read that is under way may go on. Otherwise the query is read again, at its pace.
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
