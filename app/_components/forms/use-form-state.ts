'use client'

import { useState } from 'react'
import type { Problems } from './check-parameters'
import type { FormState } from './form-context'
import { ownMember } from './schema-form'

/**
 * What a form knows of itself beside its value: which fields were left, which texts are no values, what the server
 * refused. A problem is shown at a field that was left, and everywhere once somebody tried to send the form.
 */
export function useFormState(checked: Problems) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [attempted, setAttempted] = useState(false)
  const [unreadable, setUnreadable] = useState<Problems>({})
  const [refused, setRefused] = useState<Problems>({})
  const problems = { ...checked, ...unreadable }
  const state: FormState = {
    problemAt: (path) =>
      ownMember(refused, path) ??
      (attempted || touched.has(path) || ownMember(unreadable, path) ? ownMember(problems, path) : undefined) ??
      null,
    touch: (path) => {
      if (!touched.has(path)) setTouched(new Set([...touched, path]))
    },
    setUnreadable: (path, message) =>
      setUnreadable((known) => {
        if ((ownMember(known, path) ?? null) === message) return known
        const { [path]: _, ...rest } = known
        return message ? { ...rest, [path]: message } : rest
      }),
  }
  return { state, problems, unreadable, attempted, setAttempted, refused, setRefused }
}

/** `parameters.order.id` is `order.id` in the form; fields outside of the parameters keep their name with a mark. */
export function ownPath(path: string): string {
  const inside = /^(?:parameters|patch)(?:\.|(?=\[)|$)/.exec(path)
  return inside ? path.slice(inside[0].length) : `option:${path}`
}

/** What the server refused, by path of the form, as sentences. */
export const refusedFields = (fields: readonly { path: string; message: string }[]): Problems =>
  Object.fromEntries(fields.map(({ path, message }) => [ownPath(path), sentence(message)]))

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')

/** Puts the cursor where something is wrong, once that is drawn: in the frame after the next at the latest. */
export const focusFirstProblem = (form: HTMLElement | null) =>
  requestAnimationFrame(() =>
    requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid=true], [data-problems]')?.focus()),
  )
