import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useLiveQuery } from '@/app/_trpc/use-live-query'

/** The data is read again regularly, because runs grow longer and heartbeats come without any event. */
const LIVE = { everyMs: 2_000, besidesMs: 5_000 }
/** The longest page that the server gives. */
const MOST = 100

/** The figures of all workers, and each worker with the jobs that it runs. */
export function useWorkers() {
  const trpc = useTRPC()
  const { organizationId, ready, follows } = useScope()
  const scope = organizationId ? { organizationId } : {}
  const options = { enabled: ready, placeholderData: keptWithin(organizationId) }
  const fleet = useLiveQuery(trpc.metrics.fleet.queryOptions(scope, options), { follows, ...LIVE })
  const workers = useLiveQuery(trpc.metrics.workers.queryOptions({ ...scope, limit: MOST }, options), {
    follows,
    ...LIVE,
  })
  const readAgain = () => void Promise.all([fleet.refetch(), workers.refetch()])
  return { fleet, workers, readAgain }
}
