'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Choices } from '@/app/_components/choices'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { Member } from '@/app/_trpc/types'
import { useKeyDecision } from './key-decision'
import { nameOf } from './member-columns'
import { MEMBER_ROLES, type OrgRole } from './roles'
import { useMembersChanged } from './use-members'

interface Props {
  organizationId: string
  member: Member
  onClose: () => void
}

/**
 * Changes the role of a member or of an invited person. Where the new role is below that of keys that the member made,
 * the dialog asks what happens to them.
 */
export default function RoleDialog({ organizationId, member, onClose }: Props) {
  const trpc = useTRPC()
  const { href } = useScope()
  const changed = useMembersChanged()
  const [role, setRole] = useState<OrgRole>(member.role)
  const name = nameOf(member)
  const keys = useKeyDecision(name, role)
  const update = useMutation(
    trpc.members.update.mutationOptions({
      onSuccess: (after, sent) => {
        notify.success(
          `${name} is ${ROLE_LABEL[after.role]} now`,
          sent.keys === 'revoke'
            ? { label: 'Revoked keys', href: href('/organization?tab=keys&keys=ended') }
            : undefined,
        )
        changed()
        onClose()
      },
      onError: (error, sent) => {
        keys.ask(error, sent.role)
        if (refusalOf(error)?.reason === 'NOT_FOUND') changed()
      },
    }),
  )
  const choose = (next: OrgRole) => {
    // A refusal of the role before says nothing about this one.
    if (update.error) update.reset()
    setRole(next)
  }
  const undecided = refusalOf(update.error)?.reason === 'KEYS_UNDECIDED'
  return (
    <ConfirmDialog
      title={`Role of ${name}`}
      text={
        member.status === 'MEMBER'
          ? 'The new role counts from their next click or call on.'
          : 'They get this role when they accept.'
      }
      hint="The reason is kept in the audit."
      confirm="Change role"
      busy={update.isPending}
      unavailable={role === member.role ? `${name} is ${ROLE_LABEL[role]} already.` : keys.unavailable}
      error={update.error && !undecided ? messageOf(update.error) : null}
      onConfirm={(reason) =>
        update.mutate({ organizationId, memberId: member.id, role, ...keys.decision, ...(reason ? { reason } : {}) })
      }
      onClose={onClose}
    >
      <Choices legend="Role" options={MEMBER_ROLES} value={role} onChange={choose} />
      {keys.question}
    </ConfirmDialog>
  )
}
