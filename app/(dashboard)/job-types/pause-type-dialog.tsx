'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { JobType } from '@/app/_trpc/types'

/** Asks for a reason, and pauses or resumes a job type. */
export default function PauseTypeDialog({
  type,
  paused: pausedNow,
  onClose,
}: {
  type: JobType
  paused: boolean
  onClose: () => void
}) {
  const trpc = useTRPC()
  // What was asked when the dialog opened. Somebody else may pause or resume meanwhile, and must not turn it round.
  const [paused] = useState(pausedNow)
  const queryClient = useQueryClient()
  const done = (message: string) => () => {
    notify.success(message)
    void queryClient.invalidateQueries({ queryKey: trpc.control.list.queryKey() })
    onClose()
  }
  const pause = useMutation(trpc.control.pause.mutationOptions({ onSuccess: done(`${type.displayName} is paused`) }))
  const resume = useMutation(trpc.control.resume.mutationOptions({ onSuccess: done(`${type.displayName} goes on`) }))
  const act = paused ? resume : pause
  return (
    <ConfirmDialog
      title={paused ? `Let ${type.displayName} go on?` : `Pause ${type.displayName}?`}
      text={
        paused
          ? 'Its waiting jobs may run again, in every organization. What something else holds goes on waiting.'
          : 'In every organization: what runs ends as it would, what waits stays waiting, and what is submitted meanwhile waits too, until somebody resumes it.'
      }
      hint={paused ? 'The reason is kept in the audit.' : 'Everybody who looks at its jobs reads the reason.'}
      confirm={paused ? 'Resume' : 'Pause'}
      busy={act.isPending}
      error={act.error ? messageOf(act.error) : null}
      onConfirm={(reason) => act.mutate({ scope: 'jobType', jobType: type.name, ...(reason ? { reason } : {}) })}
      onClose={onClose}
    />
  )
}
