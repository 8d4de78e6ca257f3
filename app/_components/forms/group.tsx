'use client'

import { use, type ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { describedByNote, FieldNote } from '@/app/_components/field'
import { visible } from '@/server/engine/domain/visible'
import { FormContext, type FieldProps } from './form-context'
import { labelOf } from './form-node'

// The frame around the fields of an object or a list in a form.

/** The id of the control of a field. The field's note has the same with `-note` after it. */
export const idOf = (path: string) => `field-${path}`

/** Several controls under one label. The note and the problem of the group stand above the controls. */
export function Group({
  node,
  name,
  path,
  required,
  lined = false,
  wraps = false,
  depth = 0,
  children,
}: Pick<FieldProps, 'node' | 'name' | 'path' | 'required'> & {
  /** Draws a line at the left side, for groups that hold whole fields. */
  lined?: boolean
  /** The field inside has the same path, so it shows what is wrong there and has the usual id of the note. */
  wraps?: boolean
  /** How many groups around it have the same path. */
  depth?: number
  children: ReactNode
}) {
  const { problemAt } = use(FormContext)
  const error = wraps ? null : problemAt(path)
  const id = wraps ? `${idOf(path)}-group${depth || ''}` : idOf(path)
  return (
    <fieldset
      aria-describedby={describedByNote(id, node.description, error)['aria-describedby']}
      className={cn('min-w-0 sm:col-span-2', lined && 'border-l-2 border-line pl-4')}
    >
      <legend className={cn('mb-1.5 text-sm', lined ? 'font-semibold' : 'font-medium')}>
        {visible(labelOf(name, node))}
        {required ? (
          <span aria-hidden className="ml-0.5 text-danger">
            *
          </span>
        ) : null}
      </legend>
      {node.description || error ? (
        // A group cannot be marked as invalid for a screen reader. So the note itself takes the focus where something
        // is wrong (use-form-state.ts looks for `data-problems`).
        <div className="-mt-0.5 mb-2" {...(error ? { tabIndex: -1, 'data-problems': true } : {})}>
          <FieldNote id={id} hint={node.description} error={error} />
        </div>
      ) : null}
      {children}
    </fieldset>
  )
}
