'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, use, useState, type ReactNode } from 'react'
import { useTRPC, useTRPCClient } from './client'
import { createEvents, type Events } from './event-stream'
import { connectionLost } from './connection-state'
import { setLiveState } from './live-state'
import { thisPage } from './page-view'
import { placesOfBrowser } from './stream-places'

const Context = createContext<Events | null>(null)

/** The events of this browser tab. To show data that changes by itself, use `useLiveQuery`. */
export function useEvents(): Events {
  const events = use(Context)
  if (!events) throw new Error('useEvents needs the EventsProvider of the dashboard layout.')
  return events
}

export function EventsProvider({ children }: { children: ReactNode }) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [events] = useState(() =>
    createEvents({
      open: (input, handlers) => client.jobs.watch.subscribe(input, handlers),
      page: thisPage,
      places: placesOfBrowser(),
      onState: setLiveState,
      onBroken: connectionLost,
      onRefused: () => void queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() }),
    }),
  )
  return <Context value={events}>{children}</Context>
}
