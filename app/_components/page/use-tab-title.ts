import { useEffect } from 'react'
import { visible } from '@/server/engine/domain/visible'

/**
 * Names the browser tab after what its page shows, so that tabs of the same page can be told apart. Undefined keeps the
 * title of the route.
 */
export function useTabTitle(title: string | undefined) {
  useEffect(() => {
    if (title) document.title = visible(`${title} · Jobyard`)
  }, [title])
}
