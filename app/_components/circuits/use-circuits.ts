import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { useScope } from '../shell/organization'

/**
 * Milliseconds. The list is read again at most every 5 s when events come, and every 10 s without any, because circuits
 * open and close in a sweep that sends no event.
 */
const LIVE = { everyMs: 5_000, besidesMs: 10_000 }
/** The longest page that the server gives. */
const PAGE = 100
const OPEN = ['OPEN', 'HALF_OPEN'] as const

/**
 * The circuits of the organization that the page shows, or of all organizations. `open` asks only for those that hold
 * jobs back.
 */
export function useCircuits({ open = false }: { open?: boolean } = {}) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready, follows } = useScope()
  const asked = {
    ...(organizationId ? { organizationId } : {}),
    ...(open ? { state: [...OPEN] } : {}),
    limit: PAGE,
  }
  return useLiveQuery(
    {
      ...trpc.circuits.list.queryOptions(asked, { enabled: ready }),
      queryFn: ({ signal }) => allPages((page) => client.circuits.list.query({ ...asked, ...page }, { signal })),
    },
    { follows, ...LIVE },
  )
}
