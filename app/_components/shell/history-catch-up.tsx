'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef } from 'react'

const SETTLED_MS = 250

/**
 * After going back and forth the page must show what the address says. Next.js 16.4 can lose a step that
 * comes while it still asks the server about the one before, as after a reload of a page whose earlier
 * filters were set by `pushState`: its transition then waits for an answer that nobody asked for, the
 * address changes, and `useSearchParams` never does. A navigation to the same address asks anew.
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
