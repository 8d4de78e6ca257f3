'use client'

export type NoticeKind = 'info' | 'success' | 'error'
export interface Notice {
  kind: NoticeKind
  message: string
  link?: NoticeLink
}
/** Leads to what came of it. */
export interface NoticeLink {
  label: string
  /** Of this dashboard, with the organization (`useScope().href`). */
  href: string
}

// The library that shows messages is loaded when the first one comes. Messages wait here until it is there.
const waiting: Notice[] = []
let deliver: (() => void) | undefined

function show(kind: NoticeKind, message: string, link?: NoticeLink) {
  waiting.push({ kind, message, link })
  deliver?.()
}

/** Short messages at the edge of the screen. */
export const notify = {
  info: (message: string, link?: NoticeLink) => show('info', message, link),
  success: (message: string, link?: NoticeLink) => show('success', message, link),
  error: (message: string, link?: NoticeLink) => show('error', message, link),
}

/** For the toaster: calls back whenever messages wait. Returns what ends it. */
export function onNotices(listener: () => void) {
  deliver = listener
  if (waiting.length > 0) listener()
  return () => {
    deliver = undefined
  }
}

export const takeNotices = () => waiting.splice(0)
