'use client'

import { useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import { useEffect } from 'react'
import { ErrorState } from '@/app/_components/page/states'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import type { Graph } from './graph-facts'
import { Reason } from './waiting-reason'

/** Reasons outside of the job change without an event, so they are read again at this interval. */
const REFRESH_MS = 5_000

/** Tells why a waiting job does not move, as far as the engine knows. */
export function WhyItWaits({ job, graph }: { job: Job; graph: Graph | undefined }) {
  const trpc = useTRPC()
  const explain = useQuery(trpc.jobs.explain.queryOptions({ jobId: job.id }, { refetchInterval: REFRESH_MS }))
  const { refetch } = explain
  // A new status or attempt has other reasons. They are read at once.
  useEffect(() => void refetch(), [job.status, job.attempt, refetch])
  const reasons = explain.data?.reasons
  const { error } = explain
  if (reasons?.length === 0) return null
  return (
    <section aria-labelledby="waits" className="rounded-lg border border-line bg-surface shadow-card">
      <div className="flex items-center gap-2 border-b border-line px-4 py-2">
        <Hourglass aria-hidden className="size-4 shrink-0 text-faint" />
        <h2 id="waits" className="text-sm font-semibold">
          Why it waits
        </h2>
      </div>
      <ul aria-live="polite" className="grid gap-2 px-4 py-3 text-sm">
        {reasons ? (
          reasons.map((reason, index) => (
            <li key={`${reason.code}-${index}`} className={index === 0 ? 'wrap-anywhere' : 'wrap-anywhere text-muted'}>
              <Reason reason={reason} graph={graph} />
            </li>
          ))
        ) : error ? (
          <li>
            <ErrorState compact error={error} onRetry={() => void refetch()} />
          </li>
        ) : (
          <li className="flex h-5 items-center">
            <span className="skeleton block h-3.5 w-2/3" />
          </li>
        )}
      </ul>
    </section>
  )
}
