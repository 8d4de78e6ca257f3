import { useInfiniteQuery } from '@tanstack/react-query'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'

/**
 * Jobs with an old version end one by one, without an event that says so. The counts are read again at this interval.
 */
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
  return { ...query, items: query.data?.pages.flatMap(({ items }) => items) }
}

/** How many jobs wait or run with an older version than the present one. Null where there are too many to count. */
export function withOldOnes(
  items: NonNullable<ReturnType<typeof useVersions>['items']>,
  present: number,
): { waiting: number; running: number } | null {
  const sum = { waiting: 0, running: 0 }
  for (const { version, unfinished } of items) {
    if (unfinished === null) return null
    if (version === present) continue
    sum.waiting += unfinished.waiting
    sum.running += unfinished.running
  }
  return sum
}
