'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import type { WatchEvent } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { useScope } from '@/app/_components/shell/organization'
import type { Params } from './params'

const PAGE = 50
/** The most of a page that the server gives. */
const MOST = 100

export const isAboutDeadLetters = ({ type, fromStatus, toStatus }: WatchEvent) =>
  type === 'status' && (toStatus === 'DEAD_LETTER' || fromStatus === 'DEAD_LETTER')

/** Time passes also where nothing happens: a cause is no longer new, or is no longer ignored. */
const LIVE = { everyMs: 3_000, besidesMs: 30_000, when: isAboutDeadLetters }

/** The figures and the causes that the page shows, and those that are ignored. */
export function useDeadLetters({ sort, new: onlyNew, cursor }: Params) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready, follows } = useScope()
  const scope = organizationId ? { organizationId } : {}
  const options = { enabled: ready, placeholderData: keepPreviousData }

  const figures = useLiveQuery(trpc.deadLetters.figures.queryOptions(scope, options), { follows, ...LIVE })
  const asked = { ...scope, sort, by: 'cause' as const, limit: PAGE, ...(cursor ? { cursor } : {}) }
  const groups = useLiveQuery(trpc.deadLetters.groups.queryOptions(asked, { ...options, enabled: ready && !onlyNew }), {
    follows,
    ...LIVE,
  })
  // The figure counts each job type by itself, so they stand here in the same way; the server does not filter by it.
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

  const withIgnored = useQuery(
    trpc.deadLetters.groups.queryOptions(
      { ...scope, sort: 'count', by: 'cause', ignored: true, limit: MOST },
      { ...options, refetchInterval: LIVE.besidesMs },
    ),
  )
  const readAgain = () => void Promise.all([figures.refetch(), list.refetch(), withIgnored.refetch()])
  return {
    figures,
    list,
    ignored: withIgnored.data?.items.filter((group) => group.ignored !== null) ?? [],
    readAgain,
  }
}
