'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { may } from '@/app/_components/may'
import { useScope } from '@/app/_components/shell/organization'
import { useStep } from '@/app/_components/use-now'
import { useTRPC } from '@/app/_trpc/client'
import { wasNeverRead } from '@/app/_trpc/was-never-read'
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
 * shows all organizations. Where the server's list is cut, the members of the organization and its keys are added that it
 * lacks. Others may then be missing, such as system admins and those who left.
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
  // The names of these change seldom, so they are not read again at intervals.
  const isCut = (actors.data?.items.length ?? 0) >= MAX_LISTED_ACTORS
  const members = useMembers(isCut ? organizationId : undefined, false)
  const keys = useKeys(organizationId ?? null, isCut, false)
  const options = whoOptions(
    actors.data?.items ?? [],
    isCut ? (members.data ?? []) : [],
    isCut ? (keys.data ?? []) : [],
  )
  const unread = [actors, ...(isCut ? [keys, ...(organizationId ? [members] : [])] : [])].filter(wasNeverRead)
  return { options, isCut, failed: unread.length > 0, readAgain: () => unread.forEach((one) => void one.refetch()) }
}
