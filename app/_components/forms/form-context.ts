'use client'

import { createContext, type ReactNode } from 'react'
import type { describedByNote } from '@/app/_components/field'
import type { Json } from './json'
import type { FormNode } from './form-node'

// What all fields of a form made from a JSON Schema share. A path names one field, as in `order.id` or `rows[2].name`.

/** What a form knows of its fields besides their values. */
export interface FormState {
  /** What is wrong at a path and may be shown by now. use-form-state.ts says when that is. */
  problemAt: (path: string) => string | null
  /** Notes that somebody has left the field at a path. */
  touch: (path: string) => void
  /** Reports that the text at a path is no value. Null reports that it is one. */
  setUnreadable: (path: string, message: string | null) => void
  /**
   * Says that a field is not done yet, such as a file on its way. That is no mistake until somebody sends the form.
   * Null says that it is done.
   */
  setUnfinished?: (path: string, message: string | null) => void
  /** True where the form began with a mask. The value behind it is kept unless somebody enters another one. */
  isKept?: (path: string) => boolean
}
/** How a field reaches the state of the form that it stands in. */
export const FormContext = createContext<FormState>({
  problemAt: () => null,
  touch: () => {},
  setUnreadable: () => {},
  setUnfinished: () => {},
})

/** What connects a control with its label and its note. */
export type Aria = ReturnType<typeof describedByNote> & { id: string; onBlur: () => void }

/** What a field is given. */
export interface FieldProps {
  /** What kind of value is entered, and within which bounds. */
  node: FormNode
  /** The name of the value in the object around it, or its number in a list. */
  name: string
  path: string
  required: boolean
  value: Json | undefined
  /** Undefined means that the field is not sent. */
  onChange: (value: Json | undefined) => void
  /** Hears of the file that was chosen for this field. */
  onFile?: (file: File) => void
}

/** Draws a field inside another one. It is passed in, so that the kinds of fields do not import each other. */
export type DrawField = (field: FieldProps) => ReactNode

/** The properties of a field whose node is of one kind. */
export type FieldOf<Kind extends FormNode['kind']> = Omit<FieldProps, 'node'> & {
  node: Extract<FormNode, { kind: Kind }>
}
