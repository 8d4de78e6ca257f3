'use client'

import { Square } from 'lucide-react'
import { use } from 'react'
import type { RunningJob } from '@/app/_trpc/types'
import { Button } from '../button'
import { whyNotCancel } from '../job-status'
import { useScope } from '../shell/organization'
import { AskToCancel } from './cancel-stuck-dialog'

/** The button that cancels a job which looks stuck. `CancelStuckDialogs`, which the page has, asks for confirmation. */
export function CancelStuck({ job }: { job: RunningJob }) {
  const ask = use(AskToCancel)
  const { viewerIn, me } = useScope()
  const refused = me ? whyNotCancel({ ...job, status: 'RUNNING' }, viewerIn(job.organizationId)) : 'Loading your role'
  return (
    <Button
      size="sm"
      className="relative z-10"
      unavailable={refused}
      busy={job.cancelRequestedAt !== null}
      aria-label={`${job.cancelRequestedAt ? 'Canceling…' : 'Cancel'} ${job.title}`}
      onClick={() => ask(job)}
    >
      {job.cancelRequestedAt ? null : <Square aria-hidden />}
      {job.cancelRequestedAt ? 'Canceling…' : 'Cancel'}
    </Button>
  )
}
