'use client'

import { createContext, type ReactNode } from 'react'
import type { noted } from '@/app/_components/field'
import type { FormNode, Json } from './schema-form'

export interface FormState {
  /** What is wrong at a path. Null while the field was not yet left. */
  problemAt: (path: string) => string | null
  touch: (path: string) => void
  /** Says that the text at a path is no value (null: it is one). */
  setUnreadable: (path: string, message: string | null) => void
  /** True where the form began with a mask: the value behind it is kept unless somebody gives another one. */
  isKept?: (path: string) => boolean
}
export const FormContext = createContext<FormState>({ problemAt: () => null, touch: () => {}, setUnreadable: () => {} })

/** What connects a control with its label and its note. */
export type Aria = ReturnType<typeof noted> & { id: string; onBlur: () => void }

export interface FieldProps {
  node: FormNode
  name: string
  path: string
  required: boolean
  value: Json | undefined
  /** Undefined: the field is not sent. */
  onChange: (value: Json | undefined) => void
}

/** A field that holds others draws them by this, so that kinds of fields do not import each other. */
export type Inner = (field: FieldProps) => ReactNode

/** A field of one kind. */
export type FieldOf<Kind extends FormNode['kind']> = Omit<FieldProps, 'node'> & {
  node: Extract<FormNode, { kind: Kind }>
}
