'use client'

import { useEffect, useRef, useSyncExternalStore } from 'react'

/** Where a reader was in a list when they opened one of its rows. It is kept in this browser tab. */
interface Place {
  /** The list's filters, as the address has them. */
  search: string
  scroll: number
  /** The address of the row that was opened. */
  row: string
}

const keyOf = (path: string) => `jobyard.place.${path}`
/** A step back that is older than this did not lead to the page that opens now. */
const RECENT_MS = 10_000
let steppedBack = -Infinity
if (typeof window !== 'undefined') window.addEventListener('popstate', () => (steppedBack = performance.now()))

function readPlace(path: string): Place | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(path)) ?? 'null') as Place | null
  } catch {
    return null // The browser may forbid storage.
  }
}

const neverChanges = () => () => {}

/**
 * The address of a list with the filters that the reader had when they last opened a row in this tab. It is the plain
 * address where they have opened none, or opened it in the list of another organization.
 */
export function useWayBack(href: string): string {
  const [path, query] = href.split('?') as [string, string | undefined]
  const search = useSyncExternalStore(
    neverChanges,
    () => readPlace(path)?.search ?? '',
    () => '',
  )
  const org = (text: string | undefined) => new URLSearchParams(text).get('org')
  return search && org(search) === org(query) ? `${path}${search}` : href
}

/** The link that leads back to the list must call this. */
export const goesBack = () => {
  steppedBack = performance.now()
}

/** How long a row is waited for. A long list draws only rows that are in sight, and its code may still be loading. */
const WAIT_MS = 3_000
const READER_ACTS = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const

/**
 * Scrolls to the place and puts the focus on the row that was opened, as soon as both are there. It gives up once the
 * reader does something, because the place is then theirs to choose. `onEnd` is called when it is done or has given up.
 * Returns a function that stops it, without a call of `onEnd`.
 */
function restore(place: Place, onEnd: () => void): () => void {
  const until = performance.now() + WAIT_MS
  let frame = 0
  const stop = () => {
    cancelAnimationFrame(frame)
    for (const act of READER_ACTS) window.removeEventListener(act, end)
  }
  const end = () => {
    stop()
    onEnd()
  }
  const attempt = () => {
    window.scrollTo({ top: place.scroll })
    const rows = document.querySelectorAll<HTMLAnchorElement>('a[data-row-link]')
    const row = Array.from(rows).find((link) => link.pathname === place.row)
    row?.focus({ preventScroll: true })
    if (row && document.activeElement === row) {
      // The rows above may have other heights than were expected of them.
      row.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
      end()
    } else if (performance.now() < until) frame = requestAnimationFrame(attempt)
    else end()
  }
  for (const act of READER_ACTS) window.addEventListener(act, end, { passive: true })
  // The router scrolls to the top first, so this waits for the next frame.
  frame = requestAnimationFrame(attempt)
  return stop
}

/**
 * Remembers where the reader was in a list when they open a row. When they come back, it restores the scroll position
 * and puts the focus on that row.
 * @param drawn true once the rows are on the page.
 */
export function usePlace(path: string, drawn: boolean) {
  useEffect(() => {
    const remember = (event: MouseEvent) => {
      const link =
        event.target instanceof Element
          ? event.target.closest<HTMLAnchorElement>('a[data-row-link], a[data-again]')
          : null
      if (!link) return
      const place: Place = { search: location.search, scroll: window.scrollY, row: link.pathname }
      try {
        sessionStorage.setItem(keyOf(path), JSON.stringify(place))
      } catch {
        // The browser forbids storage, so the list will open at its top.
      }
    }
    document.addEventListener('click', remember, true)
    return () => document.removeEventListener('click', remember, true)
  }, [path])

  /** True once the reader is back at their place, or has none to go back to. */
  const settled = useRef(false)
  useEffect(() => {
    if (!drawn || settled.current) return
    const place = readPlace(path)
    if (!place || place.search !== location.search || performance.now() - steppedBack > RECENT_MS) {
      settled.current = true
      return
    }
    return restore(place, () => (settled.current = true))
  }, [path, drawn])
}
