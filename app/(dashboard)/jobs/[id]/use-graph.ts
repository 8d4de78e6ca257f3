import { useQuery } from '@tanstack/react-query'
import { isFinal } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'

/**
 * The page gets no events about other jobs. So the graph is read again at this interval while one of them has not
 * ended.
 */
const REFRESH_MS = 5_000

/** The jobs that this one waits for, and those that wait for it. */
export function useGraph(jobId: string, enabled: boolean) {
  const trpc = useTRPC()
  return useQuery(
    trpc.jobs.graph.queryOptions(
      { jobId },
      {
        enabled,
        refetchInterval: ({ state }) =>
          state.data && state.data.jobs.length > 1 && state.data.jobs.some(({ job }) => job && !isFinal(job.status))
            ? REFRESH_MS
            : false,
      },
    ),
  )
}
