'use client'

import { Card } from '../card'
import { StuckRow } from './stuck-row'
import { useStuck } from './use-stuck'

/** Says on a job's own page that it looks stuck. Nothing where it does not. Only for a job that runs. */
export function StuckNote({ jobId }: { jobId: string }) {
  const stuck = useStuck(jobId)
  const job = stuck.data?.items[0]
  if (!job) return null
  return (
    <Card id="stuck" title="Looks stuck" padded={false}>
      <ul>
        <StuckRow job={job} onDone={() => void stuck.refetch()} />
      </ul>
    </Card>
  )
}
