import { useQuery } from '@tanstack/react-query'
import { isFinal } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'

/** The page gets no events about other jobs, so parents are read again at this interval while one has not ended. */
const REFRESH_MS = 5_000
/** A page of the server's. Who has more parents sees the first of them here, and all in the graph. */
export const MOST_PARENTS = 25

/** The jobs that this one waits or waited for, with what they made. */
export function useParents(jobId: string, enabled: boolean) {
  const trpc = useTRPC()
  return useQuery(
    trpc.jobs.parents.queryOptions(
      { jobId, limit: MOST_PARENTS },
      {
        enabled,
        refetchInterval: ({ state }) =>
          state.data?.items.some(({ job }) => !isFinal(job.status)) ? REFRESH_MS : false,
      },
    ),
  )
}
