'use client'

import { useEffect, useRef, useState } from 'react'
import type { Problems } from './check-parameters'
import type { FormState } from './form-context'
import { ownMember } from './json'

/**
 * What a form knows beside its value: which fields were left, which texts are no values (unreadable), which fields are not
 * done yet (unfinished, such as a file on its way), and what the server refused. A refusal and an unreadable text are
 * shown at once. Any other problem is shown once its field was left. What is unfinished is shown only once somebody tried
 * to send the form. From then on every problem is shown.
 */
export function useFormState(checked: Problems) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [attempted, setAttempted] = useState(false)
  const [unreadable, setUnreadable] = useState<Problems>({})
  const [refused, setRefused] = useState<Problems>({})
  const [unfinished, setUnfinished] = useState<Problems>({})
  // Neither is a value that could be sent.
  const unready = { ...unreadable, ...unfinished }
  const problems = { ...checked, ...unready }
  const whenReleased = useReleased()
  const isShown = (path: string) =>
    attempted ||
    ownMember(unreadable, path) !== undefined ||
    (touched.has(path) && ownMember(unfinished, path) === undefined)
  const state: FormState = {
    problemAt: (path) => ownMember(refused, path) ?? (isShown(path) ? ownMember(problems, path) : undefined) ?? null,
    touch: (path) => whenReleased(() => setTouched((known) => (known.has(path) ? known : new Set([...known, path])))),
    setUnreadable: (path, message) => setUnreadable((known) => withProblem(known, path, message)),
    setUnfinished: (path, message) => setUnfinished((known) => withProblem(known, path, message)),
  }
  return { state, problems, unready, attempted, setAttempted, refused, setRefused }
}

function withProblem(known: Problems, path: string, message: string | null): Problems {
  if ((ownMember(known, path) ?? null) === message) return known
  const { [path]: _, ...rest } = known
  return message ? { ...rest, [path]: message } : rest
}

/**
 * Runs a function once no pointer is pressed. A press outside of a field takes the focus from it, and a message then
 * appears below the field. If it appeared at once, it could move a button away before the click on that button is done.
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
      // The click comes right after the release, so the function runs after it.
      setTimeout(run)
    }
    for (const end of ENDS) document.addEventListener(end, after)
  }
}
const ENDS = ['pointerup', 'pointercancel'] as const

/**
 * Turns a path of the server into a path of the form. `parameters.order.id` and `patch.order.id` both become `order.id`.
 * Any other path gets the prefix `option:`.
 */
export function ownPath(path: string): string {
  const inside = /^(?:parameters|patch)(?:\.|(?=\[)|$)/.exec(path)
  return inside ? path.slice(inside[0].length) : `option:${path}`
}

/** What the server refused, as sentences, by the path in the form. */
export const refusedFields = (fields: readonly { path: string; message: string }[]): Problems =>
  Object.fromEntries(fields.map(({ path, message }) => [ownPath(path), sentence(message)]))

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')

/**
 * Moves the focus to the first field with a problem, and unfolds what hides it. It waits two frames, because the problem
 * must be drawn first.
 */
export const focusFirstProblem = (form: HTMLElement | null) =>
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const field = form?.querySelector<HTMLElement>('[aria-invalid=true], [data-problems]')
      field?.closest('details')?.setAttribute('open', '')
      field?.focus()
    }),
  )
