import { useEffect } from 'react'
import { visible } from '@/server/engine/domain/visible'

/**
 * Names the browser tab after what its page shows, so that tabs of the same page can be told apart. If the title is
 * undefined, the tab keeps the title that it has.
 *
 * Next.js writes the title that the server knows, and may do so later than this. So the title is kept while the page is
 * shown. After that the tab has the title that Next.js wrote last.
 */
export function useTabTitle(title: string | undefined) {
  useEffect(() => {
    if (!title) return
    // Invisible characters in a name are written out, so that no title looks like another one. `document.title` gives
    // back one space where several stand, so it could not be compared otherwise.
    const own = visible(`${title} · Jobyard`).replace(/\s+/g, ' ').trim()
    let others = document.title
    const keep = () => {
      if (document.title === own) return
      others = document.title
      document.title = own
    }
    keep()
    const changes = new MutationObserver(keep)
    changes.observe(document.head, { childList: true, subtree: true, characterData: true })
    return () => {
      changes.disconnect()
      if (document.title === own) document.title = others
    }
  }, [title])
}
