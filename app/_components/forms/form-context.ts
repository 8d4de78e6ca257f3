'use client'

import { createContext } from 'react'
import type { FormNode, Json } from './schema-form'

export interface FormState {
  /** What is wrong at a path. Null while the field was not yet left. */
  problemAt: (path: string) => string | null
  touch: (path: string) => void
  /** Says that the text at a path is no value (null: it is one). */
  setUnreadable: (path: string, message: string | null) => void
}
export const FormContext = createContext<FormState>({ problemAt: () => null, touch: () => {}, setUnreadable: () => {} })

export interface FieldProps {
  node: FormNode
  name: string
  path: string
  required: boolean
  value: Json | undefined
  /** Undefined: the field is not sent. */
  onChange: (value: Json | undefined) => void
}
