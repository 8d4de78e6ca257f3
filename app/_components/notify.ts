'use client'

// Short messages at the edge of the screen.

export type NoticeKind = 'info' | 'success' | 'error'
export interface Notice {
  kind: NoticeKind
  message: string
  links: NoticeLink[]
}
/** A link to the result of what was done. */
export interface NoticeLink {
  label: string
  /** An address inside this dashboard, with its organization (`useScope().href`). */
  href: string
}

// The library that shows messages is loaded when the first message comes. Messages wait here until it is loaded.
const waiting: Notice[] = []
let deliver: (() => void) | undefined

function show(kind: NoticeKind, message: string, links: (NoticeLink | undefined)[]) {
  waiting.push({ kind, message, links: links.filter((link) => link !== undefined) })
  deliver?.()
}

/** Shows short messages at the edge of the screen. A link that is undefined is left out. */
export const notify = {
  info: (message: string, ...links: (NoticeLink | undefined)[]) => show('info', message, links),
  success: (message: string, ...links: (NoticeLink | undefined)[]) => show('success', message, links),
  error: (message: string, ...links: (NoticeLink | undefined)[]) => show('error', message, links),
}

/**
 * Tells when messages wait. Only one listens at a time, the one that came last: first what loads the library
 * (toaster.tsx), then what shows the messages (toasts.tsx). Returns a function that ends this.
 */
export function onNotices(listener: () => void) {
  deliver = listener
  if (waiting.length > 0) listener()
  return () => {
    deliver = undefined
  }
}

/** Takes the messages that wait, so that each is shown once. */
export const takeNotices = () => waiting.splice(0)
