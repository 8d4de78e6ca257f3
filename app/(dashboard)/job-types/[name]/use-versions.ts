import { useInfiniteQuery } from '@tanstack/react-query'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'

/** The counts of unfinished jobs are read again at this interval, because an event does not tell a job's version. */
const REFRESH_MS = 15_000

/** The versions of a job type, newest first. Each tells how many of its jobs have not ended. */
export function useVersions(name: string) {
  const trpc = useTRPC()
  const { organizationId, ready } = useScope()
  const query = useInfiniteQuery(
    trpc.jobTypes.versions.infiniteQueryOptions(
      { name, unfinished: true, limit: 20, ...(organizationId ? { organizationId } : {}) },
      { enabled: ready, getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: REFRESH_MS },
    ),
  )
  return {
    ...query,
    items: query.data?.pages.flatMap(({ items }) => items),
    /** How many jobs wait or run with any older version. Null where there are too many to count. */
    jobsOfOlderVersions: query.data?.pages[0]?.jobsOfOlderVersions,
  }
}
