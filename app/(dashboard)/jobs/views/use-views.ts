import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'

/** The saved views that the reader may see here. */
export function useViews() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const { organizationId, ready } = useScope()
  const input = { ...(organizationId ? { organizationId } : {}), limit: 100 }
  return useQuery({
    ...trpc.savedViews.list.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.savedViews.list.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
    enabled: ready,
  })
}

/** Creates, changes and deletes saved views. Each reads the list again when it is done. */
export function useViewActions() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: trpc.savedViews.pathKey() })
  return {
    create: useMutation(trpc.savedViews.create.mutationOptions({ onSuccess })),
    update: useMutation(trpc.savedViews.update.mutationOptions({ onSuccess })),
    remove: useMutation(trpc.savedViews.delete.mutationOptions({ onSuccess })),
  }
}
