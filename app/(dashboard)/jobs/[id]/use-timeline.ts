import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'

/** However many events come, it is read at most once in this time. */
const EVERY_MS = 1_000
/** Log lines and pauses send no events, so a job that has not ended is read again at this interval. */
const BESIDE_EVENTS_MS = 3_000

/** What held a job back in its life, and when its handler logged. It does not depend on what the card of logs shows. */
export function useTimeline(jobId: string, job: Job | undefined) {
  const trpc = useTRPC()
  return useLiveQuery(trpc.jobs.timeline.queryOptions({ jobId }, { enabled: job !== undefined }), {
    follows: job && { organizationId: job.organizationId, jobId },
    everyMs: EVERY_MS,
    besidesMs: job?.finishedAt === null ? BESIDE_EVENTS_MS : undefined,
  })
}
