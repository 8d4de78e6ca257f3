'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import type { WatchEvent } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useScope } from '@/app/_components/shell/organization'
import type { Params } from './params'

/** How many causes a page of the list has. */
const PAGE = 50
/** The longest page that the server gives. */
const MOST = 100

/** True for an event that says that a job died, or that a dead one is no longer dead. */
export const isAboutDeadLetters = ({ type, fromStatus, toStatus }: WatchEvent) =>
  type === 'status' && (toStatus === 'DEAD_LETTER' || fromStatus === 'DEAD_LETTER')

/** The data is read again regularly, because a cause stops being new or ignored when time passes, without any event. */
const LIVE = { everyMs: 3_000, besidesMs: 30_000, when: isAboutDeadLetters }

/** The figures and causes of the page, and the ignored causes. */
export function useDeadLetters({ sort, new: onlyNew, cursor }: Params) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready, follows } = useScope()
  const scope = organizationId ? { organizationId } : {}
  const options = { enabled: ready, placeholderData: keepPreviousData }
  // The list marks rows that are about to be replaced. These parts do not.
  const unmarked = { ...options, placeholderData: keptWithin(organizationId) }

  const figures = useLiveQuery(trpc.deadLetters.figures.queryOptions(scope, unmarked), { follows, ...LIVE })
  const asked = { ...scope, sort, by: 'cause' as const, limit: PAGE, ...(cursor ? { cursor } : {}) }
  const groups = useLiveQuery(trpc.deadLetters.groups.queryOptions(asked, { ...options, enabled: ready && !onlyNew }), {
    follows,
    ...LIVE,
  })
  // The figure counts a cause once for each job type, so the list of new causes shows them the same way. The server has
  // no filter for new causes, so they are filtered here.
  const each = { ...scope, sort, by: 'type' as const, limit: MOST }
  const fresh = useLiveQuery(
    {
      ...trpc.deadLetters.groups.queryOptions(each, { ...options, enabled: ready && onlyNew }),
      queryFn: ({ signal }) => allPages((page) => client.deadLetters.groups.query({ ...each, ...page }, { signal })),
      select: ({ items }) => ({ items: items.filter(({ newSince }) => newSince !== null), nextCursor: null }),
    },
    { follows, ...LIVE },
  )
  const list = onlyNew ? fresh : groups

  const onlyIgnored = { ...scope, sort: 'count' as const, by: 'cause' as const, ignored: 'only' as const, limit: MOST }
  const ignored = useQuery({
    ...trpc.deadLetters.groups.queryOptions(onlyIgnored, { ...unmarked, refetchInterval: LIVE.besidesMs }),
    queryFn: ({ signal }) =>
      allPages((page) => client.deadLetters.groups.query({ ...onlyIgnored, ...page }, { signal })),
  })
  const readAgain = () => void Promise.all([figures.refetch(), list.refetch(), ignored.refetch()])
  return { figures, list, ignored, readAgain }
}
