import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'

/** The most jobs that are listed. A link leads to all of them. */
const SHOWN = 10

/** The newest jobs that repeat this one, and whether there are more of them. */
export function useLineage(jobId: string, enabled: boolean) {
  const trpc = useTRPC()
  const { data, isPending, error, refetch } = useQuery(
    trpc.jobs.list.queryOptions({ rerunOf: jobId, limit: SHOWN }, { enabled }),
  )
  return {
    reruns: (data?.items ?? []) as Pick<Job, 'id' | 'title' | 'status' | 'createdAt'>[],
    more: Boolean(data?.nextCursor),
    isPending,
    /** Reads them again. Set where they could not be read. */
    onRetry: error && !data ? () => void refetch() : undefined,
  }
}
