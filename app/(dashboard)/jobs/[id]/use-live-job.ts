import { useQueryClient } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import { applyEvents } from '@/app/_trpc/live'
import type { WatchEvent } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'

/**
 * The most entries that one answer holds. For a job with few retries one call is enough, and a job with a thousand
 * retries needs a few.
 */
const LIMIT = 1000
/** However many events come, the job is read at most once in this time. */
const EVERY_MS = 500

/**
 * A job with all its attempts and transitions, oldest first. It is kept up to date while the engine works on the job.
 */
export function useLiveJob(jobId: string) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const key = trpc.jobs.get.queryKey({ jobId })
  // The job tells which organization's events to follow, so they are followed once it is loaded. It may belong to
  // another organization than the one that is chosen on the page.
  const organizationId = queryClient.getQueryData(key)?.organizationId
  const live = { follows: organizationId ? { organizationId, jobId } : undefined, everyMs: EVERY_MS }
  const job = useLiveQuery(trpc.jobs.get.queryOptions({ jobId }), {
    ...live,
    // What an event says is shown at once. Everything else (result, attempts, history) is read again.
    onEvents: (events: WatchEvent[]) => queryClient.setQueryData(key, (old) => old && applyEvents(old, events)),
  })
  const input = { jobId, limit: LIMIT }
  const attempts = useLiveQuery(
    {
      ...trpc.jobs.attempts.queryOptions(input),
      queryFn: ({ signal }) => allPages((page) => client.jobs.attempts.query({ ...input, ...page }, { signal })),
    },
    live,
  )
  const history = useLiveQuery(
    {
      ...trpc.jobs.history.queryOptions(input),
      queryFn: ({ signal }) => allPages((page) => client.jobs.history.query({ ...input, ...page }, { signal })),
    },
    live,
  )
  const readAgain = () => void Promise.all([job.refetch(), attempts.refetch(), history.refetch()])
  return { job, attempts, history, readAgain }
}
