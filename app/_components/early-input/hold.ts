/** The event on `window` that says that the page's scripts are running. */
export const READY = 'jobyard:ready'

/**
 * A page can be seen before its scripts run. This keeps what a person types and presses in that time, and repeats it
 * when the scripts are ready. Everything that was typed is repeated. Of presses only the last is, because a person who
 * presses a second thing no longer wants the first. The presses are hidden from React until then, so that none takes
 * effect twice.
 *
 * This function is put into the page as text and runs before any module, so it may use nothing from outside itself.
 */
export function holdEarlyInput(ready: string): void {
  type Field = HTMLInputElement | HTMLTextAreaElement
  const HELD = ['input', 'pointerdown', 'keydown', 'click', 'submit']
  const typed = new Set<Field>()
  let again: (() => void) | null = null
  /** The control on which the mouse button went down, until its click comes. */
  let held: HTMLElement | null = null

  const hold = (event: Event) => {
    const target = event.target
    if (!(target instanceof Element)) return
    if (event.type === 'input') {
      if (target.matches('textarea, input:not([type=radio], [type=checkbox], [type=file])')) typed.add(target as Field)
      return
    }
    if (event.type === 'submit') {
      const submitter = (event as SubmitEvent).submitter
      event.preventDefault()
      event.stopPropagation()
      again = () => (target as HTMLFormElement).requestSubmit(submitter)
      return
    }
    const control = target.closest<HTMLElement>('button, input[type=radio], input[type=checkbox]')
    if (control) event.stopPropagation()
    if (event.type === 'pointerdown') held = control
    if (event.type === 'click') {
      held = null
      again = control && pressOf(control)
    }
  }

  function pressOf(control: HTMLElement): () => void {
    // The browser has ticked the box already. React may undo that when it takes the page over, so the box is ticked
    // again.
    if (control instanceof HTMLInputElement) {
      const wanted = control.checked
      return () => {
        control.checked = !wanted
        control.click()
      }
    }
    return () => {
      goDown(control)
      control.click()
    }
  }

  /** Presses the mouse button down on a control. Menus open at that moment and not at the click. */
  function goDown(control: HTMLElement) {
    control.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true, pointerType: 'mouse' }))
  }

  /**
   * React accepts a value as typed only where it differs from the last value that React knows. So the field is emptied,
   * which React notices. Then it is filled again by the browser's own setter, which React does not notice.
   */
  function typeAgain(field: Field) {
    const text = field.value
    field.value = ''
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, text)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }

  for (const type of HELD) window.addEventListener(type, hold, true)
  window.addEventListener(
    ready,
    () => {
      for (const type of HELD) window.removeEventListener(type, hold, true)
      typed.forEach(typeAgain)
      // The press is repeated after the page has taken in what was typed.
      if (again) setTimeout(again)
      // The page became ready while the mouse button was down. React gets the click, which comes by itself, but it has
      // missed the press. So the press is repeated.
      const down = held
      if (down) setTimeout(() => goDown(down))
    },
    { once: true },
  )
}
