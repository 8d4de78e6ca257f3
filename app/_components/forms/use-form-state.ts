'use client'

import { useEffect, useRef, useState } from 'react'
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
  const whenReleased = useReleased()
  const state: FormState = {
    problemAt: (path) =>
      ownMember(refused, path) ??
      (attempted || touched.has(path) || ownMember(unreadable, path) ? ownMember(problems, path) : undefined) ??
      null,
    touch: (path) => whenReleased(() => setTouched((known) => (known.has(path) ? known : new Set([...known, path])))),
    setUnreadable: (path, message) =>
      setUnreadable((known) => {
        if ((ownMember(known, path) ?? null) === message) return known
        const { [path]: _, ...rest } = known
        return message ? { ...rest, [path]: message } : rest
      }),
  }
  return { state, problems, unreadable, attempted, setAttempted, refused, setRefused }
}

/**
 * Runs something once no pointer is pressed. A press outside of a field takes the focus from it, and the message that
 * then appears below the field would move a button away before the click on it is done.
 */
function useReleased() {
  const pressed = useRef(false)
  useEffect(() => {
    const press = () => (pressed.current = true)
    const release = () => (pressed.current = false)
    document.addEventListener('pointerdown', press, true)
    for (const end of ENDS) document.addEventListener(end, release, true)
    return () => {
      document.removeEventListener('pointerdown', press, true)
      for (const end of ENDS) document.removeEventListener(end, release, true)
    }
  }, [])
  return (run: () => void) => {
    if (!pressed.current) return run()
    const after = () => {
      for (const end of ENDS) document.removeEventListener(end, after)
      // The click itself comes right after the release.
      setTimeout(run)
    }
    for (const end of ENDS) document.addEventListener(end, after)
  }
}
const ENDS = ['pointerup', 'pointercancel'] as const

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
