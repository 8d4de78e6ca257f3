import { useState } from 'react'

/** How the question of `useFirstAnswer` is asked: anew when the page opens, and then no more. */
export const WHEN_OPENED = { staleTime: Infinity, refetchOnMount: 'always' } as const

interface Answered<T> {
  data: T | undefined
  isFetchedAfterMount: boolean
  isSuccess: boolean
}

/**
 * What a form begins with: the first answer that was asked for after the page opened. An earlier visit may have left an
 * older one, and saving that would undo what somebody else has changed since.
 */
export function useFirstAnswer<T>({ data, isFetchedAfterMount, isSuccess }: Answered<T>): T | undefined {
  const [first, setFirst] = useState<T>()
  if (first !== undefined) return first
  if (data === undefined || !isFetchedAfterMount || !isSuccess) return undefined
  setFirst(data)
  return data
}
