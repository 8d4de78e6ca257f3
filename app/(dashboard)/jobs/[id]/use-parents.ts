import { useQuery } from '@tanstack/react-query'
import { isFinal } from '@/app/_components/job-status'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import { useReadAgainAfter } from './use-read-again-after'

/** The page gets no events about other jobs, so parents are read again at this interval while one has not ended. */
const REFRESH_MS = 5_000
/** Of a job with more parents the card shows the first. The graph shows the others, too. */
const MOST_PARENTS = 25

/** The jobs that this one waits or waited for, with what they made. They are asked for once the job is there. */
export function useParents(jobId: string, job: Job | undefined) {
  const trpc = useTRPC()
  const parents = useQuery(
    trpc.jobs.parents.queryOptions(
      { jobId, limit: MOST_PARENTS },
      {
        enabled: job !== undefined,
        refetchInterval: ({ state }) =>
          state.data?.items.some(({ job: parent }) => !isFinal(parent.status)) ? REFRESH_MS : false,
      },
    ),
  )
  useReadAgainAfter(job, parents)
  return parents
}
