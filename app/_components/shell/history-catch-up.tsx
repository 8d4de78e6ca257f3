'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef } from 'react'

/** How long after a step the page is compared with the address, in milliseconds. Next.js usually needs less. */
const SETTLED_MS = 250

/**
 * Makes the page show what the address says after a step back or forward. Next.js 16.4 can lose such a step. It happens
 * when the step comes while Next.js still asks the server about the one before, as after a reload of a page whose
 * earlier filters were set by `pushState`. Its transition then waits for an answer that never comes. The address
 * changes, but `useSearchParams` does not. A new navigation to the same address solves this.
 */
export function HistoryCatchUp() {
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams().toString()
  const shown = useRef({ pathname, search })
  useEffect(() => {
    shown.current = { pathname, search }
  }, [pathname, search])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (shown.current.pathname !== location.pathname) later()
        else if (shown.current.search !== new URLSearchParams(location.search).toString())
          router.replace(location.href, { scroll: false })
      }, SETTLED_MS)
    }
    window.addEventListener('popstate', later)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('popstate', later)
    }
  }, [router])
  return null
}
