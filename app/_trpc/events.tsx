'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, use, useState, type ReactNode } from 'react'
import { useTRPC, useTRPCClient } from './client'
import { FRESH_MS } from './early-answers'
import { createEvents, type Events } from './event-stream'
import { connectionLost } from './connection-state'
import { setLiveState } from './live-state'
import { thisPage } from './page-view'
import { slotsOfBrowser } from './stream-slots'

const Context = createContext<Events | null>(null)

/** The events of this browser tab. To show data that changes by itself, use `useLiveQuery`. */
export function useEvents(): Events {
  const events = use(Context)
  if (!events) throw new Error('useEvents needs the EventsProvider of the dashboard layout.')
  return events
}

/**
 * Milliseconds. A stream that is opened later than this after the page does not go on from the page's place, because
 * the server would have to look through all that happened since.
 */
const NEW_PAGE_MS = 30_000

/**
 * Milliseconds after the page began. Until then a part may show an early answer. The early script asks within two
 * seconds, usually, and its answers are used for FRESH_MS from then on.
 */
const EARLY_MS = FRESH_MS + 5_000

/**
 * Lets the parts of a page follow events (`useLiveQuery`).
 * @param place in the stream of events, which the server took before it drew the page. What the page reads is newer, so
 * a stream from there on misses nothing.
 */
export function EventsProvider({ place, children }: { place: string | undefined; children: ReactNode }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [events] = useState(() =>
    createEvents({
      open: (input, handlers) => client.jobs.watch.subscribe(input, handlers),
      page: thisPage,
      placeOfPage: () => (performance.now() < NEW_PAGE_MS ? place : undefined),
      mayShowEarlyAnswers: () => performance.now() < EARLY_MS,
      slots: slotsOfBrowser(),
      onState: setLiveState,
      onBroken: connectionLost,
      onRefused: () => void queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() }),
    }),
  )
  return <Context value={events}>{children}</Context>
}
