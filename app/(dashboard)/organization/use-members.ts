import { useQuery, useQueryClient } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'

/** Members, keys and settings come without events, so they are read again at this interval while somebody looks. */
export const READ_AGAIN_MS = 15_000

/**
 * All members of an organization. Admins also get the open invitations.
 * @param organizationId undefined while it is not known yet.
 * @param refetchInterval false where they are not read again at intervals.
 */
export function useMembers(organizationId: string | undefined, refetchInterval: number | false = READ_AGAIN_MS) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const input = { organizationId: organizationId ?? '', limit: 100 }
  return useQuery({
    ...trpc.members.list.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.members.list.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
    enabled: organizationId !== undefined,
    refetchInterval,
  })
}

/**
 * Reads the members again after one was changed. It also reads the keys and the reader's own role, which may have
 * changed, too.
 */
export function useMembersChanged() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return () => {
    for (const queryKey of [trpc.members.list.queryKey(), trpc.apiKeys.list.queryKey(), trpc.session.me.queryKey()])
      void queryClient.invalidateQueries({ queryKey })
  }
}
