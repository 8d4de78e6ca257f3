'use client'

import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { Button, IconButton } from './button'
import { Field, Textarea } from './field'

interface Props {
  title: string
  text: string
  confirm: string
  danger?: boolean
  /** What becomes of the reason; null: there is none to give. */
  hint?: string | null
  busy: boolean
  error: string | null
  onConfirm: (reason: string | undefined) => void
  onClose: () => void
}

/** Asks before something that matters, and why. Loaded when first needed. */
export default function ConfirmDialog({ title, text, confirm, danger, hint = 'It stays with the job’s history.', busy, error, onConfirm, onClose }: Props) {
  const [reason, setReason] = useState('')
  const go = () => onConfirm(reason.trim() || undefined)
  return (
    <Dialog.Root open onOpenChange={(open) => (open || busy ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="enter fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content className="enter fixed inset-x-4 top-1/2 z-50 mx-auto max-h-[90dvh] max-w-md -translate-y-1/2 overflow-y-auto rounded-lg border border-line bg-raised p-5 text-ink shadow-pop outline-none">
          <div className="flex items-start justify-between gap-4">
            <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close" className="-mt-0.5 -mr-1.5">
                <X aria-hidden />
              </IconButton>
            </Dialog.Close>
          </div>
          <Dialog.Description className="mt-1 text-sm text-muted">{text}</Dialog.Description>
          <form
            className="mt-4"
            onSubmit={(event) => {
              event.preventDefault()
              go()
            }}
          >
            {hint === null ? null : (
              <Field id="reason" label="Reason" hint={`Optional. ${hint}`}>
                <Textarea
                  id="reason"
                  rows={2}
                  maxLength={500}
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) go()
                  }}
                />
              </Field>
            )}
            {error ? (
              <p role="alert" className="mt-3 rounded bg-danger-soft px-3 py-2 text-sm text-danger">
                {error}
              </p>
            ) : null}
            <div className="mt-5 flex justify-end gap-2">
              <Button onClick={onClose}>Keep as it is</Button>
              <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={busy}>
                {confirm}
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
