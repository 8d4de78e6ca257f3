'use client'

import { NotRead } from '../page/not-read'
import { StuckRow } from './stuck-row'
import type { useStuck } from './use-stuck'

/** The jobs that look stuck, on the overview. It shows nothing where there are none. */
export function StuckJobs({ stuck }: { stuck: ReturnType<typeof useStuck> }) {
  const jobs = stuck.data?.items ?? []
  if (stuck.error && !stuck.data)
    return (
      <NotRead
        what="Which jobs look stuck"
        onRetry={() => void stuck.refetch()}
        className="border-b border-line px-4 py-2.5"
      />
    )
  if (jobs.length === 0) return null
  return (
    <ul aria-label="Jobs that look stuck" className="divide-y divide-line border-b border-line">
      {jobs.map((job) => (
        <StuckRow key={job.jobId} job={job} />
      ))}
    </ul>
  )
}
