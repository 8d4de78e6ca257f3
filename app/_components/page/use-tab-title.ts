import { useEffect } from 'react'
import { visible } from '@/server/engine/domain/visible'

/** Names the tab by what its page shows, so that tabs of the same page can be told apart. Undefined leaves the route's title. */
export function useTabTitle(title: string | undefined) {
  useEffect(() => {
    if (title) document.title = visible(`${title} · Jobyard`)
  }, [title])
}
