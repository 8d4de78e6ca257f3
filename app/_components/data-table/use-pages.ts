'use client'

import { useEffect, useState } from 'react'

const STORE = 'jobyard.pages'

/** What is known of a page of a list, as a query has it. */
interface List {
  data?: { nextCursor: string | null }
  /** The rows answer the question before, such as that of another organization or page. The new answer is on its way. */
  isPlaceholderData: boolean
}

export interface Pages {
  /** Goes to the previous page. Undefined on the first page. */
  newer: (() => void) | undefined
  /** Goes to the next page. Undefined on the last page, and while it is not known which page is next. */
  older: (() => void) | undefined
  isStale: boolean
  /** There is another page, so that a pager is needed. It stays while a new answer is on its way. */
  several: boolean
}

/**
 * Moves through a list page by page. A cursor leads only to older rows, so the way back is remembered in this browser
 * tab. A person who opened a shared link has no way back, so "Newer" leads to the newest page.
 */
export function usePages(cursor: string | null, list: List, go: (cursor: string | null) => void): Pages {
  const isStale = list.isPlaceholderData
  const following = list.data?.nextCursor ?? null
  // The cursor of an old list leads to no page of the new one.
  const nextCursor = isStale ? null : following
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
    isStale,
    several: cursor !== null || following !== null,
  }
}
