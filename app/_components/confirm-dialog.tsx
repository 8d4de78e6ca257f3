'use client'

import { useState, type ReactNode } from 'react'
import { Button } from './button'
import { Dialog, DialogError, DialogFoot } from './dialog'
import { Field, Textarea } from './field'

interface Props {
  title: string
  text: ReactNode
  confirm: string
  danger?: boolean
  /** Tells what happens with the reason. Null means that no reason is asked for. */
  hint?: string | null
  /** The dialog cannot be confirmed without a reason. */
  needsReason?: boolean
  wide?: boolean
  busy: boolean
  /** Why the dialog cannot be confirmed now. */
  unavailable?: string | null
  error: string | null
  onConfirm: (reason: string | undefined) => void
  onClose: () => void
  /** What must be chosen first. It stands between the text and the reason. */
  children?: ReactNode
  /** A button beside the one that confirms, for another way to go on. */
  otherWay?: ReactNode
  /** The label of the button that closes the dialog and changes nothing. */
  dismiss?: string
}

/** Asks for confirmation, and for a reason. The code of this dialog is loaded when it is first needed. */
export default function ConfirmDialog({
  title,
  text,
  confirm,
  danger,
  hint = 'The reason is kept in the job’s history.',
  needsReason = false,
  wide,
  busy,
  unavailable: blocked,
  error,
  onConfirm,
  onClose,
  children,
  otherWay,
  dismiss = 'Keep as it is',
}: Props) {
  const [reason, setReason] = useState('')
  const unavailable = blocked ?? (needsReason && reason.trim() === '' ? 'Say why first.' : null)
  const go = () => {
    // A key can come a second time before the answer to the first.
    if (!unavailable && !busy) onConfirm(reason.trim() || undefined)
  }
  return (
    <Dialog title={title} text={text} busy={busy} wide={wide} onClose={onClose}>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault()
          go()
        }}
      >
        {children ? <div className="mb-4 grid gap-4">{children}</div> : null}
        {hint === null ? null : (
          <Field id="reason" label="Reason" required={needsReason} hint={needsReason ? hint : `Optional. ${hint}`}>
            <Textarea
              id="reason"
              rows={2}
              // The server takes no longer reason.
              maxLength={500}
              value={reason}
              required={needsReason}
              onChange={(event) => setReason(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) go()
              }}
            />
          </Field>
        )}
        {error ? <DialogError>{error}</DialogError> : null}
        <div className="mt-5">
          <DialogFoot>
            <Button onClick={onClose}>{dismiss}</Button>
            {otherWay}
            <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={busy} unavailable={unavailable}>
              {confirm}
            </Button>
          </DialogFoot>
        </div>
      </form>
    </Dialog>
  )
}
