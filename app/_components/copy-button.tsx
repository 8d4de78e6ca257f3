'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button'
import { notify } from './notify'

/** Puts a text on the clipboard. The button then shows for a moment that it is done. */
export function CopyButton({
  text,
  label,
  className,
}: {
  text: string | (() => string)
  label: string
  className?: string
}) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 1500)
    return () => clearTimeout(timer)
  }, [done])
  return (
    <IconButton
      label={done ? 'Copied' : label}
      className={className}
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
          setDone(true)
        } catch {
          notify.error('The browser did not allow copying.')
        }
      }}
    >
      {done ? <Check className="text-completed" aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}
