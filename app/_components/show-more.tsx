'use client'

import { Button } from './button'

/** A list of which only the first pages have been read. */
export interface GrowingPages {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

/** The foot of a card with a list: a button that reads the next page, while there is one. */
export function ShowMore({ list }: { list: GrowingPages }) {
  if (!list.hasNextPage) return null
  return (
    <div className="border-t border-line px-4 py-2">
      <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  )
}
