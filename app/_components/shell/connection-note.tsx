'use client'

import { useQueryClient } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { connectionNow, onConnection, useConnection } from '@/app/_trpc/connection-state'

/** In milliseconds. A server that restarts is usually back sooner. So it is not said before that it does not answer. */
const PATIENCE_MS = 1000

/**
 * Says that the page no longer updates. Once the server answers again, it reads everything again that could not be
 * read. The note lies over the page, so that nothing moves.
 */
export function ConnectionNote() {
  const connection = useConnection()
  const queryClient = useQueryClient()
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (connection === 'ok') return
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [connection])
  useEffect(
    () =>
      onConnection(() => {
        if (connectionNow() === 'ok')
          void queryClient.refetchQueries({ type: 'active', predicate: ({ state }) => state.fetchFailureCount > 0 })
      }),
    [queryClient],
  )
  const text =
    connection === 'offline'
      ? 'You are offline. What you see may be old.'
      : connection === 'lost' && late
        ? 'The server does not answer. It is tried again.'
        : null
  return (
    <div role="status" className="pointer-events-none fixed inset-x-4 bottom-4 z-30 flex justify-center">
      {text ? (
        <p className="enter flex items-center gap-2 rounded-md border border-line bg-raised px-3 py-2 text-sm font-medium text-warning shadow-pop">
          <CloudOff aria-hidden className="size-4 shrink-0" />
          {text}
        </p>
      ) : null}
    </div>
  )
}
