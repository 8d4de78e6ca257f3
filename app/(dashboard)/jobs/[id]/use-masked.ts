import { useQuery } from '@tanstack/react-query'
import type { Json } from '@/app/_components/forms/json'
import { useTRPC } from '@/app/_trpc/client'

/**
 * The parameters of a job with every sensitive value masked. They come from the list of jobs, which masks them for
 * every reader. Undefined while they are being read. They rarely change, so they are not read again on their own.
 */
export function useMasked(job: { id: string; organizationId: string } | undefined) {
  const trpc = useTRPC()
  return useQuery(
    trpc.jobs.list.queryOptions(
      { organizationId: job?.organizationId, search: job?.id, include: ['parameters'], limit: 1 },
      {
        enabled: job !== undefined,
        staleTime: 60_000,
        select: ({ items }) => items.find(({ id }) => id === job?.id)?.parameters as Json | undefined,
      },
    ),
  )
}
