import { useQuery } from '@tanstack/react-query'
import { isFinal } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'

/** Other jobs send no events to this page, so while one of them goes on they are read again. */
const REFRESH_MS = 5_000

/** What the job waits for and what waits for it. */
export function useGraph(jobId: string) {
  const trpc = useTRPC()
  return useQuery(
    trpc.jobs.graph.queryOptions(
      { jobId },
      {
        refetchInterval: ({ state }) =>
          state.data && state.data.jobs.length > 1 && state.data.jobs.some(({ job }) => job && !isFinal(job.status))
            ? REFRESH_MS
            : false,
      },
    ),
  )
}
