/** Whether somebody sees the page. */
export interface PageView {
  readonly hidden: boolean
  /** Calls back whenever the page is hidden or shown. The returned function ends this. */
  onChange: (listener: () => void) => () => void
}

export const thisPage: PageView = {
  get hidden() {
    return document.hidden
  },
  onChange(listener) {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
}

/**
 * Makes a function that runs `action` only while somebody sees the page. On a hidden page the action waits until the
 * page is shown, and `late` is true.
 */
export function whenSeen(page: PageView, action: (late: boolean) => void) {
  let stop: (() => void) | undefined
  const call = () => {
    if (!page.hidden) return action(false)
    stop ??= page.onChange(() => {
      if (page.hidden) return
      call.cancel()
      action(true)
    })
  }
  call.cancel = () => {
    stop?.()
    stop = undefined
  }
  return call
}
