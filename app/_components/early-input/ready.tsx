'use client'

import { useEffect } from 'react'
import { READY } from './hold'

/** The part that says that React has taken the page over. Belongs after everything that can be pressed. */
export function Ready() {
  useEffect(() => {
    window.dispatchEvent(new Event(READY))
  }, [])
  return null
}
