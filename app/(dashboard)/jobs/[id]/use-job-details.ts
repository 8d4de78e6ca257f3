'use client'

import { useQuery } from '@tanstack/react-query'
import { allPages } from '@/app/_trpc/all-pages'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'

/** The most that one answer holds: a job with few retries is one call, one with a thousand is a few. */
const LIMIT = 1000

/** All attempts and transitions of a job. They come oldest first, and it is the newest that matter most. */
export function useJobDetails(jobId: string) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const input = { jobId, limit: LIMIT }
  const attempts = useQuery({
    ...trpc.jobs.attempts.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.jobs.attempts.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
  })
  const history = useQuery({
    ...trpc.jobs.history.queryOptions(input),
    queryFn: ({ signal }) => allPages((page) => client.jobs.history.query({ ...input, ...page }, { signal })),
    select: ({ items }) => items,
  })
  return { attempts, history }
}
