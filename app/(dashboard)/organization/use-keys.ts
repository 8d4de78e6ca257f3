import { useQuery } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import { READ_AGAIN_MS } from './use-members'

/**
 * All keys of an organization, or of the platform (null). It includes those that have ended.
 * @param refetchInterval false where they are not read again at intervals.
 */
export function useKeys(
  organizationId: string | null,
  enabled: boolean,
  refetchInterval: number | false = READ_AGAIN_MS,
) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const input = { organizationId, limit: 100 }
  return useQuery({
    ...trpc.apiKeys.list.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.apiKeys.list.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
    enabled,
    refetchInterval,
  })
}
