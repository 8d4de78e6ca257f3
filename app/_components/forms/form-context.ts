'use client'

import { createContext } from 'react'
import type { FormNode, Json } from './schema-form'

export interface FormState {
  /** What is wrong at a path, once it may be said. */
  problemAt: (path: string) => string | null
  touch: (path: string) => void
  /** Text that is not even a value yet. */
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
