'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { useTRPC, useTRPCClient } from './client'
import { setLiveState } from './live-state'
import { refusalOf } from './refusal'
import type { WatchEvent } from './types'

/** Several organizations at once have no stream of events; what shows them is read at intervals. */
export const WITHOUT_EVENTS_MS = 10_000
const FLUSH_MS = 150
/** A browser has six connections to an HTTP/1.1 server, over all tabs: a hidden tab gives its own back. */
const HIDDEN_MS = 10_000

interface Target {
  organizationId: string
  jobId?: string
}

/**
 * Follows `jobs.watch` for as long as the component is shown. Events come in batches, in order.
 * `onResume` is called where events may be missing (first connect, reset): read again what is shown.
 */
export function useWatch(
  target: Target | null,
  handlers: { onEvents: (events: WatchEvent[]) => void; onResume?: () => void },
) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const organizationId = target?.organizationId
  const jobId = target?.jobId
  const deliver = useEffectEvent((events: WatchEvent[]) => {
    if (events.some((event) => event.type === 'reset')) handlers.onResume?.()
    const rest = events.filter((event) => event.type !== 'reset')
    if (rest.length > 0) handlers.onEvents(rest)
  })
  const resumed = useEffectEvent(() => handlers.onResume?.())
  const askWhoThisIs = useEffectEvent(
    () => void queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() }),
  )

  useEffect(() => {
    if (!organizationId) {
      setLiveState('off')
      return
    }
    let lastEventId: string | undefined
    let buffer: WatchEvent[] = []
    let flushTimer: ReturnType<typeof setTimeout> | undefined
    let hideTimer: ReturnType<typeof setTimeout> | undefined
    let retryTimer: ReturnType<typeof setTimeout> | undefined
    let subscription: { unsubscribe: () => void } | undefined
    /** It was refused as signed out, and asks once more: the browser may hold a newer cookie than it began with. */
    let lastTry = false

    const flush = () => {
      flushTimer = undefined
      const events = buffer
      buffer = []
      if (events.length > 0) deliver(events)
    }
    const open = () => {
      if (subscription) return
      const first = lastEventId === undefined
      setLiveState('connecting')
      subscription = client.jobs.watch.subscribe(
        { organizationId, ...(jobId ? { jobId } : {}), ...(lastEventId ? { lastEventId } : {}) },
        {
          onStarted: () => {
            lastTry = false
            setLiveState('live')
            // What changed between the page's first read and this moment came to nobody.
            if (first) resumed()
          },
          onConnectionStateChange: (change) => {
            if (change.state === 'connecting' && change.error) setLiveState('connecting')
            if (change.state === 'pending') setLiveState('live')
          },
          onData: ({ data: event }) => {
            lastEventId = event.id
            buffer.push(event)
            flushTimer ??= setTimeout(flush, FLUSH_MS)
          },
          onError: (error) => {
            subscription = undefined
            const reason = refusalOf(error)?.reason
            if (reason === 'UNAUTHENTICATED' && !lastTry) {
              lastTry = true
              open()
              return
            }
            // Signed out, or no longer a member: who this is is asked again, which shuts the page (shell.tsx).
            // Asking for events again would not help.
            if (reason === 'UNAUTHENTICATED' || reason === 'NOT_FOUND' || reason === 'NOT_PERMITTED') {
              setLiveState('off')
              resumed()
              askWhoThisIs()
              return
            }
            // What was shown may be withheld now.
            if (reason === 'ORGANIZATION_SUSPENDED') {
              resumed()
              askWhoThisIs()
            }
            // The link reconnects by itself; what comes here broke: ask again, slowly.
            setLiveState('connecting')
            retryTimer = setTimeout(open, 5000)
          },
        },
      )
    }
    const close = () => {
      subscription?.unsubscribe()
      subscription = undefined
    }
    const onVisibility = () => {
      clearTimeout(hideTimer)
      if (document.hidden) {
        hideTimer = setTimeout(() => {
          close()
          setLiveState('paused')
        }, HIDDEN_MS)
      } else open()
    }

    open()
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      clearTimeout(flushTimer)
      clearTimeout(hideTimer)
      clearTimeout(retryTimer)
      close()
      setLiveState('off')
    }
  }, [client, organizationId, jobId])
}
