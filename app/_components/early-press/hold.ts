/** Said on `window` as soon as the page answers to what is pressed. */
export const READY = 'jobyard:ready'

/**
 * Holds what is pressed while the page is drawn but its scripts are still on their way, and presses it
 * again when they are there: the last press only, since whoever presses a second thing has left the first.
 * React hears nothing of it before, so that nothing is done twice.
 *
 * It runs in the page as text, before any module: it may use nothing from outside itself.
 */
export function holdEarlyPresses(ready: string): void {
  const held = ['pointerdown', 'keydown', 'click', 'submit']
  let again: (() => void) | null = null

  const hold = (event: Event) => {
    const target = event.target
    if (!(target instanceof Element)) return
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
    // The browser has checked it by now, whatever React makes of that when it takes the page over.
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

  for (const type of held) window.addEventListener(type, hold, true)
  window.addEventListener(
    ready,
    () => {
      for (const type of held) window.removeEventListener(type, hold, true)
      again?.()
    },
    { once: true },
  )
}
