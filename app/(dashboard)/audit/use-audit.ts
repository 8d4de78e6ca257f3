'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { useNow } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { toInput, type Params } from './params'

export const PAGE = 50
/** Acts of people have no stream of events: the newest are read again so often while somebody looks. */
const READ_AGAIN_MS = 10_000

/** True where the audit is open to whoever looks at it here. */
export function useMayRead(): boolean {
  const { viewer } = useScope()
  return may(viewer, 'audit.read')
}

/** The page of entries that the URL asks for. Older pages do not change, so they are read once. */
export function useAudit(params: Params) {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const mayRead = useMayRead()
  const now = useNow(60_000)
  const { cursor } = params
  return useQuery(
    trpc.audit.list.queryOptions(
      { ...toInput(params, organizationId, now), limit: PAGE, ...(cursor ? { cursor } : {}) },
      {
        enabled: ready && mayRead,
        placeholderData: keepPreviousData,
        refetchInterval: cursor ? false : READ_AGAIN_MS,
      },
    ),
  )
}

/** Who can be chosen as the person: everybody who did something here, or on the platform where all are shown. */
export function useActors() {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const mayRead = useMayRead()
  return useQuery(
    trpc.audit.actors.queryOptions(
      { organizationId: organizationId ?? null },
      { enabled: ready && mayRead, staleTime: 60_000 },
    ),
  )
}
