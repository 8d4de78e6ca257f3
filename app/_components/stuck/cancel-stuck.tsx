'use client'

import { useMutation } from '@tanstack/react-query'
import { Square } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { RunningJob } from '@/app/_trpc/types'
import { Button } from '../button'
import { whyNotCancel } from '../job-status'
import { notify } from '../notify'
import { useScope } from '../shell/organization'

const ConfirmDialog = dynamic(() => import('../confirm-dialog'), { ssr: false })

/** Cancels a job that looks stuck. It asks for confirmation. */
export function CancelStuck({ job, onDone }: { job: RunningJob; onDone: () => void }) {
  const trpc = useTRPC()
  const { viewer, me } = useScope()
  const [asking, setAsking] = useState(false)
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({
      onSuccess: () => {
        setAsking(false)
        notify.success('Cancel requested')
        onDone()
      },
      onError: onDone,
    }),
  )
  const role = me?.organizations.find(({ id }) => id === job.organizationId)?.role ?? null
  const refused = me ? whyNotCancel({ ...job, status: 'RUNNING' }, { ...viewer, role }) : 'Loading your role'
  return (
    <>
      <Button
        size="sm"
        className="relative z-10"
        unavailable={refused}
        busy={job.cancelRequestedAt !== null}
        aria-label={`${job.cancelRequestedAt ? 'Canceling…' : 'Cancel'} ${job.title}`}
        onClick={() => {
          cancel.reset()
          setAsking(true)
        }}
      >
        {job.cancelRequestedAt ? null : <Square aria-hidden />}
        {job.cancelRequestedAt ? 'Canceling…' : 'Cancel'}
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Cancel this job?"
          text="Its handler gets the signal to stop and is ended if it does not. What it did so far is not undone."
          confirm="Cancel job"
          danger
          busy={cancel.isPending}
          error={cancel.error ? messageOf(cancel.error) : null}
          onConfirm={(reason) => cancel.mutate({ jobId: job.jobId, ...(reason ? { reason } : {}) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
