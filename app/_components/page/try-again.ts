import { focusFirst, heirsOf } from '../focus-heir'

/** Milliseconds in which a page has drawn that it reads again. */
const DRAWN_MS = 100

/**
 * Runs a retry that somebody pressed. The error goes away while it runs, and the pressed button with it. The focus then
 * goes to what stood nearest, or to the heading of the page.
 */
export function tryAgain(retry: () => void): void {
  const pressed = document.activeElement
  const heirs = pressed instanceof HTMLElement && pressed !== document.body ? heirsOf(pressed) : []
  retry()
  setTimeout(() => {
    if (document.activeElement !== document.body) return
    const heading = document.querySelector<HTMLElement>('#content h1')
    focusFirst(heading ? [...heirs, heading] : heirs)
  }, DRAWN_MS)
}
