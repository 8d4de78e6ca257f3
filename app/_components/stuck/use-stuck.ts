import { useTRPC } from '@/app/_trpc/client'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { useScope } from '../shell/organization'

/** The data is read again regularly, because a job begins to look stuck when time passes, without any event. */
const LIVE = { everyMs: 5_000, besidesMs: 15_000 }

/** The jobs that look stuck, in the organization that the page shows. With `jobId`, it asks about this job alone. */
export function useStuck(jobId?: string) {
  const trpc = useTRPC()
  const { organizationId, ready, follows } = useScope()
  return useLiveQuery(
    trpc.metrics.stuck.queryOptions(
      { ...(organizationId ? { organizationId } : {}), ...(jobId ? { jobId } : {}), limit: 100 },
      { enabled: ready },
    ),
    { follows, ...LIVE },
  )
}
