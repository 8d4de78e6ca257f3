import { useQuery } from '@tanstack/react-query'
import type { Json } from '@/app/_components/forms/schema-form'
import { useTRPC } from '@/app/_trpc/client'

/**
 * The parameters of a job with every sensitive value masked, whoever reads: lists give them so. Undefined while they are
 * being read. They never change once the job has started, so they are read once.
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
