'use client'

import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import { messageOf } from '@/app/_trpc/refusal'
import { Button } from './button'

const ConfirmDialog = dynamic(() => import('./confirm-dialog'), { ssr: false })

interface Props {
  name: string
  /** What is deleted, such as `schedule`. */
  kind: string
  /** What is lost, and what could be done instead. */
  text: string
  busy: boolean
  error: unknown
  /** Deletes it, and calls `done` once it is gone. */
  onDelete: (reason: string | undefined, done: () => void) => void
  /** Called after the deletion, such as to leave the page of what was deleted. */
  onDone?: () => void
  children: ReactNode
}

/** A button that deletes one thing after asking, and asks for a reason that the audit keeps. */
export function DeleteButton({ name, kind, text, busy, error, onDelete, onDone, children }: Props) {
  const [asking, setAsking] = useState(false)
  // A refusal of an earlier attempt is not shown when the dialog opens again.
  const [tried, setTried] = useState(false)
  const ask = () => {
    setTried(false)
    setAsking(true)
  }
  const send = (reason: string | undefined) => {
    setTried(true)
    onDelete(reason, done)
  }
  const done = () => {
    setAsking(false)
    onDone?.()
  }
  return (
    <>
      <Button size="sm" onClick={ask} title="Delete" aria-label={`Delete ${name}`}>
        {children}
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Delete ${name}?`}
          text={text}
          confirm={`Delete ${kind}`}
          danger
          hint="The reason is kept in the audit."
          busy={busy}
          error={tried && error ? messageOf(error) : null}
          onConfirm={send}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}
