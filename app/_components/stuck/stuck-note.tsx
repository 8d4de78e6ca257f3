'use client'

import { Card } from '../card'
import { StuckRow } from './stuck-row'
import { useStuck } from './use-stuck'

/**
 * Tells on a job's own page that the job looks stuck. It shows nothing where it does not. Use it only for a running
 * job.
 */
export function StuckNote({ jobId }: { jobId: string }) {
  const stuck = useStuck(jobId)
  const job = stuck.data?.items[0]
  if (!job) return null
  return (
    <Card id="stuck" title="Looks stuck" padded={false}>
      <ul>
        <StuckRow job={job} />
      </ul>
    </Card>
  )
}
