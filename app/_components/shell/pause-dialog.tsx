'use client'

import { useMutation } from '@tanstack/react-query'
import ConfirmDialog from '../confirm-dialog'
import { may } from '../may'
import { notify } from '../notify'
import AskAdminDialog from '../requests/ask-admin-dialog'
import { useScope } from './organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'

interface Props {
  organization: { id: string; name: string }
  onClose: () => void
}

/** Pauses an organization. A person who may not pause it asks an admin to do it. */
export default function PauseDialog(props: Props) {
  const { viewer } = useScope()
  if (may(viewer, 'organization.pause')) return <PauseNow {...props} />
  const { id: organizationId, name } = props.organization
  return (
    <AskAdminDialog
      asked={{ kind: 'PAUSE', organizationId }}
      title={`Ask to pause ${name}?`}
      text="Running jobs would end as they do now, and waiting ones would stay waiting until somebody resumes the organization. An admin decides."
      onClose={props.onClose}
    />
  )
}

/** Asks for a reason and pauses the organization. */
function PauseNow({ organization, onClose }: Props) {
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
      hint="Everybody who looks at its jobs reads the reason."
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
