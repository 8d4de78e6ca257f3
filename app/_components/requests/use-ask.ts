import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '@/app/_trpc/client'
import { notify } from '../notify'
import { useScope } from '../shell/organization'

/** Makes a request: says so with the way to it, and closes what it was asked in. */
export function useAsk(onDone: () => void, onError?: (error: unknown) => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { href } = useScope()
  return useMutation(
    trpc.requests.create.mutationOptions({
      onSuccess: ({ id, kind }) => {
        notify.success(`The admins of the ${kind === 'CHANGE_LIMIT' ? 'platform' : 'organization'} are asked`, {
          label: 'See the request',
          href: href(`/requests/${id}`),
        })
        void queryClient.invalidateQueries({ queryKey: trpc.requests.pathKey() })
        onDone()
      },
      onError,
    }),
  )
}
