'use client'

import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { onNotices } from './notify'

const Toasts = dynamic(() => import('./toasts'), { ssr: false })

/** Where short messages appear. Its code is loaded with the first one. */
export function Toaster() {
  const [wanted, setWanted] = useState(false)
  useEffect(() => (wanted ? undefined : onNotices(() => setWanted(true))), [wanted])
  return wanted ? <Toasts /> : null
}
