'use client'

export type NoticeKind = 'info' | 'success' | 'error'
export interface Notice {
  kind: NoticeKind
  message: string
}

// The library that shows messages is loaded when the first one comes. Messages wait here until it is there.
const waiting: Notice[] = []
let deliver: (() => void) | undefined

function show(kind: NoticeKind, message: string) {
  waiting.push({ kind, message })
  deliver?.()
}

/** Short messages at the edge of the screen. */
export const notify = {
  info: (message: string) => show('info', message),
  success: (message: string) => show('success', message),
  error: (message: string) => show('error', message),
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
