'use client'

import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { onNotices } from './notify'

const Toasts = dynamic(() => import('./toasts'), { ssr: false })

/** Where messages appear. Costs nothing until there is one. */
export function Toaster() {
  const [wanted, setWanted] = useState(false)
  useEffect(() => (wanted ? undefined : onNotices(() => setWanted(true))), [wanted])
  return wanted ? <Toasts /> : null
}
