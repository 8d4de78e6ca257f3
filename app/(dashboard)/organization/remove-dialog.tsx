'use client'

import { useMutation } from '@tanstack/react-query'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { Member } from '@/app/_trpc/types'
import { useKeyDecision } from './key-decision'
import { nameOf } from './member-columns'
import { useMembersChanged } from './use-members'

interface Props {
  organizationId: string
  member: Member
  onClose: () => void
}

/** Removes a member, and asks what happens to the keys that they made, if any. It also withdraws an invitation. */
export default function RemoveDialog({ organizationId, member, onClose }: Props) {
  const trpc = useTRPC()
  const { viewer, href } = useScope()
  const changed = useMembersChanged()
  const name = nameOf(member)
  const keys = useKeyDecision(name, null)
  const invited = member.status !== 'MEMBER'
  const self = member.userId !== null && member.userId === viewer.userId
  const remove = useMutation(
    trpc.members.remove.mutationOptions({
      onSuccess: (_, sent) => {
        notify.success(
          invited ? `The invitation of ${name} is withdrawn` : `${name} is no longer a member`,
          sent.keys === 'revoke'
            ? { label: 'Revoked keys', href: href('/organization?tab=keys&keys=ended') }
            : undefined,
        )
        changed()
        onClose()
      },
      onError: (error) => {
        keys.ask(error, null)
        // Somebody else has already removed the person. The list is read again and shows that.
        if (refusalOf(error)?.reason === 'NOT_FOUND') changed()
      },
    }),
  )
  const undecided = refusalOf(remove.error)?.reason === 'KEYS_UNDECIDED'
  return (
    <ConfirmDialog
      title={invited ? 'Withdraw the invitation?' : self ? 'Leave this organization?' : `Remove ${name}?`}
      text={
        invited
          ? `The link that ${name} was given stops working at once.`
          : `${self ? 'You lose' : 'They lose'} access at once. Jobs that ${self ? 'you' : 'they'} submitted and that still wait will not run: each ends in Dead letter when its turn comes. Running ones go on.`
      }
      hint="The reason is kept in the audit."
      confirm={invited ? 'Withdraw' : self ? 'Leave' : 'Remove member'}
      danger
      busy={remove.isPending}
      unavailable={keys.unavailable}
      error={remove.error && !undecided ? messageOf(remove.error) : null}
      onConfirm={(reason) =>
        remove.mutate({ organizationId, memberId: member.id, ...keys.decision, ...(reason ? { reason } : {}) })
      }
      onClose={onClose}
    >
      {keys.question}
    </ConfirmDialog>
  )
}
