'use client'

import { useEffect } from 'react'
import { READY } from './hold'

/**
 * Says that React has taken the page over. It must stand after everything that can be pressed, because React runs the
 * effects of a page in the order in which its parts stand.
 */
export function Ready() {
  useEffect(() => {
    window.dispatchEvent(new Event(READY))
  }, [])
  return null
}
