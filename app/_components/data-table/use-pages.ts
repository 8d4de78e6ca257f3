'use client'

import { useEffect, useState } from 'react'

const STORE = 'jobyard.pages'

/**
 * Keyset paging only knows the way down. The way back is remembered in this tab, cursor by cursor;
 * from a shared link "Newer" leads to the newest.
 */
export function usePages(cursor: string | null, nextCursor: string | null, go: (cursor: string | null) => void) {
  const [cameFrom, setCameFrom] = useState<Record<string, string | null>>({})
  useEffect(() => {
    try {
      // eslint-disable-next-line react-hooks/set-state-in-effect -- known only in the browser
      setCameFrom(JSON.parse(sessionStorage.getItem(STORE) ?? '{}') as Record<string, string | null>)
    } catch {
      // a broken memory is none
    }
  }, [])

  const move = (to: string | null) => {
    go(to)
    window.scrollTo({ top: 0 })
  }
  return {
    newer: cursor ? () => move(cameFrom[cursor] ?? null) : undefined,
    older: nextCursor
      ? () => {
          const next = { ...cameFrom, [nextCursor]: cursor }
          setCameFrom(next)
          sessionStorage.setItem(STORE, JSON.stringify(next))
          move(nextCursor)
        }
      : undefined,
  }
}
