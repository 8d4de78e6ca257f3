import { useQuery } from '@tanstack/react-query'
import type { Json } from '@/app/_components/forms/json'
import { useTRPC } from '@/app/_trpc/client'

/**
 * The parameters of a job with every sensitive value masked, whoever reads. Undefined while they are being read. They
 * rarely change, so they are not read again on their own.
 */
export function useMasked(job: { id: string } | undefined) {
  const trpc = useTRPC()
  return useQuery(
    trpc.jobs.get.queryOptions(
      { jobId: job?.id ?? '', masked: true },
      { enabled: job !== undefined, staleTime: 60_000, select: ({ parameters }) => parameters as Json },
    ),
  )
}
