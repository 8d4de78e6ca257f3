'use client'

import { useEffect, useState, type RefObject } from 'react'
import { focusFirst, heirsOf } from './focus-heir'

/** After this many milliseconds Radix has taken away what it laid over the page. */
export const FOCUS_IS_BACK_MS = 10

/**
 * Gives the focus back to what opened this part when it closes. Radix does so only for openers of its own. What was done
 * meanwhile may have removed the opener, and then the focus goes to what stood nearest, or to `home`, or to the heading
 * of the page.
 */
export function useReturnOfFocus(home?: RefObject<HTMLElement | null>) {
  const [heirs] = useState(() => {
    const opener = typeof document === 'undefined' ? null : document.activeElement
    return opener instanceof HTMLElement && opener !== document.body ? [opener, ...heirsOf(opener)] : []
  })
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement !== document.body) return
        focusFirst(home?.current ? [...heirs, home.current] : heirs)
      }, FOCUS_IS_BACK_MS)
    },
    [heirs, home],
  )
}
