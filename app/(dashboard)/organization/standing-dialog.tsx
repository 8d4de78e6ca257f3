'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { OrganizationSettings } from '@/app/_trpc/types'

interface Props {
  /** `resume` ends the suspension. */
  act: 'suspend' | 'resume'
  settings: OrganizationSettings
  onClose: () => void
}

const WORDS = {
  suspend: {
    title: 'Suspend',
    text: 'Submissions and retries are refused, and waiting jobs wait. Running ones end, but their results are withheld from members. Members can still read and cancel.',
    confirm: 'Suspend',
    hint: 'Members and the audit show the reason.',
    done: 'is suspended',
  },
  resume: {
    title: 'End the suspension of',
    text: 'What waited runs, and what was withheld can be read.',
    confirm: 'End the suspension',
    hint: 'The reason is kept in the audit.',
    done: 'is active again',
  },
} as const

/** Suspends an organization or lets it go on. Only system admins may do it. */
export default function StandingDialog({ act, settings: { id, name }, onClose }: Props) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const words = WORDS[act]
  const done = {
    onSuccess: (after: OrganizationSettings) => {
      queryClient.setQueryData(trpc.organizations.get.queryKey({ organizationId: id }), after)
      void queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() })
      notify.success(`${name} ${words.done}`)
      onClose()
    },
  }
  const suspend = useMutation(trpc.organizations.suspend.mutationOptions(done))
  const resume = useMutation(trpc.organizations.resume.mutationOptions(done))
  const mutation = { suspend, resume }[act]
  return (
    <ConfirmDialog
      title={`${words.title} ${name}?`}
      text={words.text}
      hint={words.hint}
      confirm={words.confirm}
      danger={act === 'suspend'}
      busy={mutation.isPending}
      error={mutation.error ? messageOf(mutation.error) : null}
      onConfirm={(reason) => mutation.mutate({ organizationId: id, ...(reason ? { reason } : {}) })}
      onClose={onClose}
    />
  )
}
