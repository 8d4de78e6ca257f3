import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '@/app/_trpc/client'
import { notify } from '../notify'
import { useScope } from '../shell/organization'

/** Sends a request to the admins. Then it shows a message that links to the request, and calls `onDone`. */
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
