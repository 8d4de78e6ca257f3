'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { useStep } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { toInput, type Params } from './params'

// Reads the entries of the audit page.

export const PAGE = 50
/**
 * Entries of the audit come without events. So the newest ones are read again at this interval while somebody looks.
 */
const READ_AGAIN_MS = 10_000

/** True where the person may read the audit that the page shows. */
export function useMayRead(): boolean {
  const { viewer } = useScope()
  return may(viewer, 'audit.read')
}

/**
 * The page of entries that the URL asks for. Only the first page is read at intervals, because older ones stay as they
 * are.
 */
export function useAudit(params: Params) {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const mayRead = useMayRead()
  const now = useStep(60_000)
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

/**
 * Who can be chosen in the filter: everybody who did something in this organization, or on the platform where the page
 * shows all organizations.
 */
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
