'use client'

import { useMutation } from '@tanstack/react-query'
import ConfirmDialog from '../confirm-dialog'
import { notify } from '../notify'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'

/** Asks why, and pauses an organization. */
export default function PauseDialog({
  organization,
  onClose,
}: {
  organization: { id: string; name: string }
  onClose: () => void
}) {
  const trpc = useTRPC()
  const pause = useMutation(
    trpc.control.pause.mutationOptions({
      onSuccess: () => {
        notify.success(`${organization.name} is paused`)
        onClose()
      },
    }),
  )
  return (
    <ConfirmDialog
      title={`Pause ${organization.name}?`}
      text="Running jobs end as they would. Waiting ones stay waiting, and what is submitted meanwhile waits too, until somebody resumes it."
      hint="Everybody who looks at its jobs reads it."
      confirm="Pause"
      busy={pause.isPending}
      error={pause.error ? messageOf(pause.error) : null}
      onConfirm={(reason) =>
        pause.mutate({ scope: 'organization', organizationId: organization.id, ...(reason ? { reason } : {}) })
      }
      onClose={onClose}
    />
  )
}
