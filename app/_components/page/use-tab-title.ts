import { useEffect } from 'react'
import { visible } from '@/server/engine/domain/visible'

/**
 * Names the browser tab after what its page shows, so that tabs of the same page can be told apart. If the title is
 * undefined, the tab keeps the title that it has.
 */
export function useTabTitle(title: string | undefined) {
  useEffect(() => {
    // Invisible characters in a name are written out, so that no title looks like another one.
    if (title) document.title = visible(`${title} · Jobyard`)
  }, [title])
}
