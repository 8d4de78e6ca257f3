'use client'

import { StuckRow } from './stuck-row'
import type { useStuck } from './use-stuck'

/** The jobs that look stuck, on the overview. It shows nothing where there are none. */
export function StuckJobs({ stuck }: { stuck: ReturnType<typeof useStuck> }) {
  const jobs = stuck.data?.items ?? []
  if (jobs.length === 0) return null
  return (
    <ul aria-label="Jobs that look stuck" className="divide-y divide-line border-b border-line">
      {jobs.map((job) => (
        <StuckRow key={job.jobId} job={job} />
      ))}
    </ul>
  )
}
