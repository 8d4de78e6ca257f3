'use client'

import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '@/app/_trpc/client'
import { may } from '../may'
import { useScope } from '../shell/organization'
import { formatCount } from '../time'

const READ_AGAIN_MS = 20_000

/**
 * How many requests wait for this person's decision, in the organization that the page shows or in all of them. The
 * navigation shows it to those who may decide.
 */
export default function OpenRequests() {
  const trpc = useTRPC()
  const { organizationId, ready, viewer } = useScope()
  const open = useQuery(
    trpc.requests.open.queryOptions(
      { ...(organizationId ? { organizationId } : {}) },
      {
        enabled: ready && may(viewer, 'requests.decide'),
        refetchInterval: READ_AGAIN_MS,
      },
    ),
  )
  const count = open.data?.count ?? 0
  if (count === 0) return null
  return (
    <span className="ml-auto rounded-full bg-accent-soft px-1.5 text-xs text-accent tabular-nums">
      {formatCount(count)}
      <span className="sr-only"> to decide</span>
    </span>
  )
}
