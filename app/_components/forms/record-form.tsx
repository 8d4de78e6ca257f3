'use client'

import { useState, type ReactNode, type RefObject } from 'react'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import { Button } from '../button'
import { DialogError } from '../dialog'
import type { Problems } from './check-parameters'
import { sentenceOf } from './refusal-sentence'
import { useLeaveWarning } from './use-leave-warning'

/**
 * The draft of a form of settings, and what belongs to it: what the server refused, and whether fields show all of
 * that.
 */
export function useRecordForm<Draft>(
  initial: Draft,
  { busy, error, isPlaced, placeOf = (path) => path }: RecordFormOptions,
) {
  const [draft, setDraft] = useState(initial)
  const [changed, setChanged] = useState(false)
  useLeaveWarning(changed && !busy)
  // The API takes the fields of an update in an object `changes`.
  const ownPath = (path: string) => placeOf(path.replace(/^changes\./, ''))
  const fields = (refusalOf(error)?.fields ?? []).map(({ path, message }) => ({ path: ownPath(path), message }))
  return {
    draft,
    change: (next: Partial<Draft>) => {
      setDraft({ ...draft, ...next })
      setChanged(true)
    },
    /** For what the form keeps apart from its draft. */
    noteChange: () => setChanged(true),
    /** The fields that the server refused. */
    fields,
    /** The refusals by field, each as a sentence. */
    refused: Object.fromEntries(fields.map(({ path, message }) => [path, sentenceOf(message)])) as Problems,
    /** Why the server refused, where no field shows it. The foot of the form does. */
    elsewhere: refusedElsewhere(error, (path) => isPlaced.test(ownPath(path))),
  }
}

interface RecordFormOptions {
  busy: boolean
  error: unknown
  /** The fields at which a refusal can be shown. */
  isPlaced: RegExp
  /** The field of the form to which a path of the API belongs. */
  placeOf?: (path: string) => string
}

interface Props {
  ref: RefObject<HTMLFormElement | null>
  /** Names the form for those who do not see it. */
  label: string
  /** The words on the button. */
  submit: string
  busy: boolean
  error: unknown
  elsewhere: string | null
  /** How many fields must be mended before the form can be sent. */
  open: number
  onSubmit: () => void
  onFocus?: () => void
  /** The cards of each column. */
  left: ReactNode
  right: ReactNode
}

/** The frame of a form of settings: two columns of cards, and a foot with the button and what is wrong. */
export function RecordForm(props: Props) {
  const { ref, label, submit, busy, error, elsewhere, open, onSubmit, onFocus, left, right } = props
  return (
    <form
      ref={ref}
      noValidate
      aria-label={label}
      onFocus={onFocus}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) onSubmit()
      }}
    >
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">{left}</div>
        <div className="grid min-w-0 gap-4">{right}</div>
      </div>
      <div className="sticky bottom-0 z-10 -mx-4 mt-4 border-t border-line bg-canvas px-4 py-3 lg:-mx-page lg:px-page">
        {elsewhere ? <DialogError>{elsewhere}</DialogError> : null}
        <div className="mt-1 flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" size="lg" busy={busy}>
            {submit}
          </Button>
          <p aria-live="polite" className="text-sm text-danger">
            {open > 0
              ? `${open} ${open === 1 ? 'field needs' : 'fields need'} attention.`
              : error && !elsewhere
                ? 'The server refused the marked fields.'
                : ''}
          </p>
        </div>
      </div>
    </form>
  )
}
