'use client'

import { useQuery } from '@tanstack/react-query'
import { PauseCircle } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTRPC } from '@/app/_trpc/client'
import { VisibleText } from '../visible-text'
import { keepRoom } from './banner-room'
import { useScope } from './organization'
import { PauseBanner } from './pause-banner'

const REFRESH_MS = 15_000

/**
 * What concerns every page of an organization stands above the page: that it is suspended, and what is paused. The room
 * that the banners took when they were last seen stays free until they are here (banner-room.ts).
 */
export function Banners({ room }: { room: number }) {
  const trpc = useTRPC()
  const { organizationId, organization, ready, me } = useScope()
  const pauses = useQuery(
    trpc.control.list.queryOptions(organizationId ? { organizationId } : {}, {
      enabled: ready && me !== undefined,
      refetchInterval: REFRESH_MS,
    }),
  )
  const element = useRef<HTMLDivElement>(null)
  const known = pauses.data !== undefined
  useEffect(() => {
    if (!known || !element.current) return
    const observer = new ResizeObserver(([entry]) => keepRoom(entry?.contentRect.height ?? 0))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [known])
  return (
    <div ref={element} className="flow-root" style={known || pauses.isError ? undefined : { minHeight: room }}>
      {organization?.status === 'SUSPENDED' ? (
        <p role="status" className="mb-4 flex items-center gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <PauseCircle aria-hidden className="size-4 shrink-0" />
          <VisibleText text={organization.name} /> is suspended: waiting jobs stay waiting and nothing can be submitted
          or retried.
        </p>
      ) : null}
      {/* A paused job type is shown only to organizations that have jobs of it. */}
      <PauseBanner pauses={pauses.data?.items.filter(({ used }) => used) ?? []} />
    </div>
  )
}
