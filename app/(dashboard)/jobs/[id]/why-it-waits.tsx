'use client'

import { useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import Link from 'next/link'
import { useEffect } from 'react'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import type { Job, WaitingReason } from '@/app/_trpc/types'
import { VisibleText } from '@/app/_components/visible-text'

/** Reasons that lie outside of the job change without an event of its own. */
const REFRESH_MS = 5_000

/** Why a job that waits does not move, in the words of the engine. */
export function WhyItWaits({ job }: { job: Job }) {
  const trpc = useTRPC()
  const explain = useQuery(trpc.jobs.explain.queryOptions({ jobId: job.id }, { refetchInterval: REFRESH_MS }))
  const { refetch } = explain
  useEffect(() => void refetch(), [job.status, job.attempt, refetch])
  const reasons = explain.data?.reasons
  if (!reasons || reasons.length === 0) return null
  return (
    <section aria-labelledby="waits" className="rounded-lg border border-line bg-surface shadow-card">
      <div className="flex items-center gap-2 border-b border-line px-4 py-2">
        <Hourglass aria-hidden className="size-4 shrink-0 text-faint" />
        <h2 id="waits" className="text-sm font-semibold">
          Why it waits
        </h2>
      </div>
      <ul aria-live="polite" className="grid gap-2 px-4 py-3 text-sm">
        {reasons.map((reason, index) => (
          <li key={`${reason.code}-${index}`} className={index === 0 ? 'wrap-anywhere' : 'wrap-anywhere text-muted'}>
            <VisibleText text={reason.message} />
            <Parents reason={reason} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Parents({ reason }: { reason: WaitingReason }) {
  if (reason.code !== 'WAITING_FOR_PARENTS') return null
  const parents = reason.data.parents as { jobId: string; jobType: string; status: string }[]
  return (
    <span className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-xs">
      {parents.map((parent) => (
        <JobLink key={parent.jobId} jobId={parent.jobId} title={`${parent.jobType}, ${parent.status}`} />
      ))}
    </span>
  )
}

/** Another job, by the end of its id. */
export function JobLink({ jobId, title }: { jobId: string; title?: string }) {
  const { href } = useScope()
  return (
    <Link
      href={href(`/jobs/${jobId}`)}
      title={title ?? jobId}
      className="font-mono text-xs text-accent underline underline-offset-4"
    >
      {jobId.slice(-8)}
    </Link>
  )
}
