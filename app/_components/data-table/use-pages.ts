'use client'

import { useEffect, useState } from 'react'

const STORE = 'jobyard.pages'

/**
 * Moves through a list page by page. A cursor leads only to older rows, so the way back is remembered in this browser
 * tab. A person who opened a shared link has no way back, so "Newer" leads to the newest page.
 */
export function usePages(cursor: string | null, nextCursor: string | null, go: (cursor: string | null) => void) {
  const [cameFrom, setCameFrom] = useState<Record<string, string | null>>({})
  useEffect(() => {
    try {
      // eslint-disable-next-line react-hooks/set-state-in-effect -- known only in the browser
      setCameFrom(JSON.parse(sessionStorage.getItem(STORE) ?? '{}') as Record<string, string | null>)
    } catch {
      // Text that cannot be read counts as no memory.
    }
  }, [])

  const move = (to: string | null) => {
    go(to)
    window.scrollTo({ top: 0 })
  }
  return {
    newer: cursor ? () => move((Object.hasOwn(cameFrom, cursor) ? cameFrom[cursor] : null) ?? null) : undefined,
    older: nextCursor
      ? () => {
          const next = { ...cameFrom, [nextCursor]: cursor }
          setCameFrom(next)
          try {
            sessionStorage.setItem(STORE, JSON.stringify(next))
          } catch {
            // The browser forbids storage or has no room. After a reload, "Newer" leads to the newest page.
          }
          move(nextCursor)
        }
      : undefined,
  }
}
