/** The event on `window` that says that the page's scripts are running. */
export const READY = 'jobyard:ready'

/**
 * Holds what is typed and pressed while the page is drawn but its scripts are still on their way, and does it
 * again when they are there: all that was typed, and the last press only, since whoever presses a second
 * thing has left the first. React hears nothing of a press before, so that none is done twice.
 *
 * It runs in the page as text, before any module: it may use nothing from outside itself.
 */
export function holdEarlyInput(ready: string): void {
  type Field = HTMLInputElement | HTMLTextAreaElement
  const HELD = ['input', 'pointerdown', 'keydown', 'click', 'submit']
  const typed = new Set<Field>()
  let again: (() => void) | null = null

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
    if (event.type === 'click') again = control && pressOf(control)
  }

  function pressOf(control: HTMLElement): () => void {
    // The browser has ticked it by now. React may undo that when it takes the page over, so it is ticked again.
    if (control instanceof HTMLInputElement) {
      const wanted = control.checked
      return () => {
        control.checked = !wanted
        control.click()
      }
    }
    return () => {
      // Menus open as the button goes down.
      control.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true, pointerType: 'mouse' }))
      control.click()
    }
  }

  /** React takes a value as typed where it differs from the last that it knows. So the field is emptied, and filled by the browser's own setter. */
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
      // After the page has taken in what was typed.
      if (again) setTimeout(again)
    },
    { once: true },
  )
}
