'use client'

import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { onNotices } from './notify'

const Toasts = dynamic(() => import('./toasts'), { ssr: false })

/** The place where short messages appear. Its code is loaded with the first message. */
export function Toaster() {
  const [wanted, setWanted] = useState(false)
  // After the first message, `Toasts` listens itself.
  useEffect(() => (wanted ? undefined : onNotices(() => setWanted(true))), [wanted])
  return wanted ? <Toasts /> : null
}
