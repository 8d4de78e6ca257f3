'use client'

import { useQuery } from '@tanstack/react-query'
import { allPages } from './all-pages'
import { useTRPC, useTRPCClient } from './client'

/**
 * All job types that an organization can submit to, read page by page. Undefined stands for all organizations: a system
 * admin then also gets the types whose jobs Jobyard itself submits.
 * @param refetchInterval reads them again after this many milliseconds. Without it they are not read again at
 * intervals.
 */
export function useJobTypes(organizationId: string | undefined, enabled: boolean, refetchInterval?: number) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const input = { ...(organizationId ? { organizationId } : {}), limit: 100 }
  return useQuery({
    ...trpc.jobTypes.list.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.jobTypes.list.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
    enabled,
    staleTime: 60_000,
    refetchInterval: refetchInterval ?? false,
  })
}
