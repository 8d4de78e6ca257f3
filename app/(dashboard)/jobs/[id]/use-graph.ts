import { useQuery } from '@tanstack/react-query'
import { isFinal } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import { useReadAgainAfter } from './use-read-again-after'

/**
 * The page gets no events about other jobs. So the graph is read again at this interval while this job or another one
 * of the graph has not ended.
 */
const REFRESH_MS = 5_000

/** The jobs that this one waits for, and those that wait for it. They are asked for once the job is there. */
export function useGraph(jobId: string, job: Job | undefined) {
  const trpc = useTRPC()
  const graph = useQuery(
    trpc.jobs.graph.queryOptions(
      { jobId },
      {
        enabled: job !== undefined,
        refetchInterval: ({ state }) =>
          state.data?.jobs.some(({ job: one }) => one && !isFinal(one.status)) ? REFRESH_MS : false,
      },
    ),
  )
  useReadAgainAfter(job, graph)
  return graph
}
