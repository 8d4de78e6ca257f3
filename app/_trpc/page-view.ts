/** Whether somebody sees the page. */
export interface PageView {
  readonly hidden: boolean
  /** Calls back whenever the page is hidden or shown. Returns what ends it. */
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

/** Does what was asked for once somebody sees the page: at once, or as soon as it is shown. */
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
