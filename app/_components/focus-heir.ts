'use client'

import { useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react'

/** Milliseconds after which nobody else gives the focus to something. A dialog gives it back within 10 ms. */
const NOBODY_ELSE_MS = 100

/** What the Tab key reaches. */
const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'

/** The ref of a control that passes its focus on when it vanishes. `given` gets the control, too. */
export function useFocusHeir<Control extends HTMLElement>(given?: Ref<Control>) {
  const own = useRef<Control>(null)
  useImperativeHandle(given, () => own.current as Control, [])
  useLayoutEffect(() => {
    const control = own.current
    return () => (control ? passFocusOn(control) : undefined)
  }, [])
  return own
}

/**
 * Passes the focus of a control that is about to vanish, or to be hidden, on to its heir: a control beside it
 * (`heirsOf`), or the heading of the page where there is no other. Otherwise the focus would be nowhere, and a person
 * who uses keys would have lost their place.
 */
export function passFocusOn(control: HTMLElement): void {
  if (document.activeElement !== control) return
  const heirs = heirsOf(control)
  const isLost = () => document.activeElement === document.body || document.activeElement === control
  // By then it is known what else has vanished with it. Where a dialog closes, the focus goes back to its opener.
  setTimeout(() => {
    if (isLost()) firstThere(heirs)?.focus()
  })
  // By then whatever else has a claim on the focus has taken it.
  setTimeout(() => {
    if (isLost()) focusFirst(heirs)
  }, NOBODY_ELSE_MS)
}

const firstThere = (heirs: readonly HTMLElement[]) => heirs.find((one) => one.isConnected && isVisible(one))

/** Gives the focus to the first of these that is still there, or to the heading of the page where none is. */
export function focusFirst(heirs: readonly HTMLElement[]): void {
  const heir = firstThere(heirs) ?? document.querySelector<HTMLElement>('#content h1')
  heir?.focus()
}

/**
 * The controls that may take the place of this one. First come those of the row or group in which it stands: those before
 * it, the nearest first, and then those behind it. Then come those of what lies around the row, in the same order.
 */
export function heirsOf(control: HTMLElement): HTMLElement[] {
  const whole = control.closest('[role=dialog]') ?? document.getElementById('content')
  const heirs = new Set<HTMLElement>()
  for (let part = control.parentElement; part && whole?.contains(part); part = part.parentElement) {
    const others = [...part.querySelectorAll<HTMLElement>(CONTROLS)].filter(
      (one) => one !== control && one.tabIndex >= 0 && !one.matches(':disabled') && isVisible(one),
    )
    const stands = (place: number) => (one: HTMLElement) => (control.compareDocumentPosition(one) & place) !== 0
    for (const one of others.filter(stands(Node.DOCUMENT_POSITION_PRECEDING)).reverse()) heirs.add(one)
    for (const one of others.filter(stands(Node.DOCUMENT_POSITION_FOLLOWING))) heirs.add(one)
  }
  return [...heirs]
}

const isVisible = (element: HTMLElement) => element.checkVisibility({ visibilityProperty: true })
