'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Choices } from '@/app/_components/choices'
import { CopyLine } from '@/app/_components/copy-line'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { RelativeTime } from '@/app/_components/relative-time'
import { VisibleText } from '@/app/_components/visible-text'
import { ROLE_LABEL } from '@/app/_components/role-label'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { Member } from '@/app/_trpc/types'
import { MEMBER_ROLES, type OrgRole } from './roles'
import { useMembersChanged } from './use-members'

interface Props {
  organizationId: string
  /** An existing invitation that gets a new link. Its old link stops working. */
  again?: Member
  onClose: () => void
}

const NAME_HINT = 'Optional. They can change it when they accept.'

/** Invites a person. The link is shown only once. */
export default function InviteDialog({ organizationId, again, onClose }: Props) {
  const trpc = useTRPC()
  const changed = useMembersChanged()
  const [email, setEmail] = useState(again?.email ?? '')
  const [name, setName] = useState(again?.name ?? '')
  const [role, setRole] = useState<OrgRole>(again?.role ?? 'OPERATOR')
  const invite = useMutation(
    trpc.members.invite.mutationOptions({
      onSuccess: changed,
      onError: (error) => document.getElementById(refusalOf(error)?.fields[0]?.path ?? '')?.focus(),
    }),
  )
  if (invite.data) {
    const another = () => {
      invite.reset()
      setEmail('')
      setName('')
    }
    return <TheLink invited={invite.data} onAnother={again ? undefined : another} onClose={onClose} />
  }

  const refusal = refusalOf(invite.error)
  const problem = (path: string, label: string) => {
    const message = refusal?.fields.find((field) => field.path === path)?.message
    return message ? `${label} ${message}.` : null
  }
  const emailProblem = problem('email', 'The address')
  const nameProblem = problem('name', 'The name')
  const elsewhere = refusedElsewhere(invite.error, (path) => path === 'email' || path === 'name')
  return (
    <Dialog
      title={again ? 'Make a new link?' : 'Invite a member'}
      text={
        again
          ? 'The link that was given before stops working. The new one works once, for 7 days.'
          : 'You get a link to hand over: it works once, for 7 days. Jobyard does not mail it.'
      }
      busy={invite.isPending}
      onClose={onClose}
    >
      <form
        className="mt-4 grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!invite.isPending)
            invite.mutate({ organizationId, email, role, ...(name.trim() ? { name: name.trim() } : {}) })
        }}
      >
        <Field id="email" label="Email" required error={emailProblem}>
          <Input
            id="email"
            type="email"
            autoComplete="off"
            autoFocus={!again}
            required
            readOnly={again !== undefined}
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            {...describedByNote('email', null, emailProblem)}
          />
        </Field>
        <Choices legend="Role" options={MEMBER_ROLES} value={role} onChange={setRole} />
        <Field id="name" label="Name" hint={NAME_HINT} error={nameProblem}>
          <Input
            id="name"
            autoComplete="off"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            {...describedByNote('name', NAME_HINT, nameProblem)}
          />
        </Field>
        {elsewhere ? <DialogError>{elsewhere}</DialogError> : null}
        <div className="mt-1 flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={invite.isPending}>
            {again ? 'Make a new link' : 'Make the link'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function TheLink({
  invited: { member, link },
  onAnother,
  onClose,
}: {
  invited: { member: Member; link: string }
  onAnother: (() => void) | undefined
  onClose: () => void
}) {
  return (
    <Dialog
      keep
      wide
      title="The link, shown this once"
      text={
        <>
          Give it to{' '}
          <strong className="font-medium wrap-anywhere text-ink">
            <VisibleText text={member.email ?? ''} />
          </strong>{' '}
          yourself, who becomes {ROLE_LABEL[member.role]} by accepting. It works once
          {member.expiresAt ? (
            <>
              {' '}
              and ends <RelativeTime at={member.expiresAt} planned />
            </>
          ) : null}
          .
        </>
      }
      busy={false}
      onClose={onClose}
    >
      <div className="mt-4">
        <CopyLine name="Link" text={link} />
      </div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        {onAnother ? <Button onClick={onAnother}>Invite another</Button> : null}
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  )
}
