'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { useStep } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { MAX_LISTED_ACTORS } from '@/server/engine/domain/limits'
import { useKeys } from '../organization/use-keys'
import { useMembers } from '../organization/use-members'
import { toInput, type Params } from './params'
import { whoOptions } from './who-options'

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
 * shows all organizations. Where the server's list is cut, the members and the keys that it lacks are added. Somebody
 * who is neither, any more, is then missing.
 */
export function useActors() {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const mayRead = useMayRead()
  const actors = useQuery(
    trpc.audit.actors.queryOptions(
      { organizationId: organizationId ?? null },
      { enabled: ready && mayRead, staleTime: 60_000 },
    ),
  )
  const isCut = (actors.data?.items.length ?? 0) >= MAX_LISTED_ACTORS
  const members = useMembers(isCut ? organizationId : undefined)
  const keys = useKeys(organizationId ?? null, isCut)
  const options = whoOptions(
    actors.data?.items ?? [],
    isCut ? (members.data ?? []) : [],
    isCut ? (keys.data ?? []) : [],
  )
  return { options, isCut, failed: actors.error !== null && !actors.data, readAgain: () => void actors.refetch() }
}
