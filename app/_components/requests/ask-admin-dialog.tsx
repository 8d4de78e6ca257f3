'use client'

import type { ReactNode } from 'react'
import { messageOf } from '@/app/_trpc/refusal'
import type { AdminRequestInput } from '@/app/_trpc/types'
import ConfirmDialog from '../confirm-dialog'
import { useAsk } from './use-ask'

/**
 * A request to an admin without its reason. The condition applies `Omit` to each kind of request. Applied to all of
 * them at once, it would keep only the fields that all kinds have.
 */
type Without<Input> = Input extends unknown ? Omit<Input, 'reason'> : never
export type Asked = Without<AdminRequestInput>

interface Props {
  asked: Asked
  title: string
  /** What an admin would do, and to which object. */
  text: ReactNode
  unavailable?: string | null
  onClose: () => void
  onDone?: () => void
  children?: ReactNode
}

/**
 * Asks the admins of the organization to do what this person may not do. The code of this dialog is loaded when it is
 * first needed.
 */
export default function AskAdminDialog({ asked, title, text, unavailable, onClose, onDone, children }: Props) {
  const create = useAsk(() => {
    onClose()
    onDone?.()
  })
  return (
    <ConfirmDialog
      title={title}
      wide
      text={text}
      hint="The admin who decides reads the reason, and it is kept in the history."
      needsReason
      confirm="Ask an admin"
      unavailable={unavailable}
      busy={create.isPending}
      error={create.error ? messageOf(create.error) : null}
      onConfirm={(reason) => create.mutate({ ...asked, reason: reason ?? '' } as AdminRequestInput)}
      onClose={onClose}
    >
      {children}
    </ConfirmDialog>
  )
}
