'use client'

import { useEffect, useRef, useSyncExternalStore } from 'react'

/** Where a reader stood in a list when a row of it was opened. Kept in this tab. */
interface Place {
  /** The list's filters, as in its address. */
  search: string
  scroll: number
  /** The address of the row that was opened. */
  row: string
}

const keyOf = (path: string) => `jobyard.place.${path}`
/** A step back that was longer ago has nothing to do with the page that opens now. */
const RECENT_MS = 10_000
let steppedBack = -Infinity
if (typeof window !== 'undefined') window.addEventListener('popstate', () => (steppedBack = performance.now()))

function readPlace(path: string): Place | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(path)) ?? 'null') as Place | null
  } catch {
    return null // Storage can be forbidden.
  }
}

const never = () => () => {}

/**
 * The address of a list as it was left by opening one of its rows, with its filters; its plain address where nobody
 * came from there, or came from another organization's.
 */
export function useWayBack(href: string): string {
  const [path, query] = href.split('?') as [string, string | undefined]
  const search = useSyncExternalStore(
    never,
    () => readPlace(path)?.search ?? '',
    () => '',
  )
  const org = (text: string | undefined) => new URLSearchParams(text).get('org')
  return search && org(search) === org(query) ? `${path}${search}` : href
}

/** To be called by the link that leads back. */
export const goesBack = () => {
  steppedBack = performance.now()
}

/**
 * Remembers where the reader of a list stands when a row is opened, and leads back there: to the same scroll position,
 * with the focus on that row.
 * @param drawn the rows are on the page.
 */
export function usePlace(path: string, drawn: boolean) {
  useEffect(() => {
    const remember = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-row-link]') : null
      if (!link) return
      const place: Place = { search: location.search, scroll: window.scrollY, row: link.pathname }
      try {
        sessionStorage.setItem(keyOf(path), JSON.stringify(place))
      } catch {
        // Then the list opens at its top.
      }
    }
    document.addEventListener('click', remember, true)
    return () => document.removeEventListener('click', remember, true)
  }, [path])

  const led = useRef(false)
  useEffect(() => {
    if (!drawn || led.current) return
    led.current = true
    const place = readPlace(path)
    if (!place || place.search !== location.search || performance.now() - steppedBack > RECENT_MS) return
    // The router scrolls to the top first.
    requestAnimationFrame(() => {
      window.scrollTo({ top: place.scroll })
      const rows = document.querySelectorAll<HTMLAnchorElement>('a[data-row-link]')
      Array.from(rows)
        .find((link) => link.pathname === place.row)
        ?.focus({ preventScroll: true })
    })
  }, [path, drawn])
}
