'use client'

import { Command as CommandIcon } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useCallback, useEffect, useState } from 'react'
import { isCommand } from '../data-table/keys'
import { isCovered } from '../modal'
import { onOpenPalette } from './open-palette'

// The code of both is loaded when they are first opened.
const Palette = dynamic(() => import('./palette'), { ssr: false })
const Shortcuts = dynamic(() => import('./shortcuts'), { ssr: false })

/**
 * Opens the command palette with Ctrl+K, ⌘K or its button. Opens the list of keys with `?`. Neither opens over a dialog.
 */
export function PaletteHost() {
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null)
  const [text, setText] = useState('')
  // While the code of the palette is on its way, the field on the page hands on one letter after the other.
  const show = (more: string) => {
    setText((begun) => begun + more)
    setOpen('palette')
  }
  const close = () => {
    setText('')
    setOpen(null)
  }
  const [loaded, setLoaded] = useState(false)
  const onShown = useCallback(() => setLoaded(true), [])
  useEffect(() => {
    if (open !== 'palette' || loaded) return
    // Who knows the palette types at once. Without this, the letters would be keys of the page that is still in front.
    const keep = (event: KeyboardEvent) => {
      // A browser that fills in a form sends keys without a name.
      const letter = /^.$/u.test(event.key)
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (!letter && !['Backspace', 'Enter', 'Escape', 'Tab'].includes(event.key)) return
      event.preventDefault()
      event.stopPropagation()
      if (letter) setText((begun) => begun + event.key)
      else if (event.key === 'Backspace') setText((begun) => begun.slice(0, -1))
      else if (event.key === 'Escape') {
        setText('')
        setOpen(null)
      }
    }
    window.addEventListener('keydown', keep, true)
    return () => window.removeEventListener('keydown', keep, true)
  }, [open, loaded])
  useEffect(() => onOpenPalette(show), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (['k', 'K'].includes(event.key) && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        // Also where it does nothing here, because browsers put the cursor into their own address bar with this key.
        event.preventDefault()
        if (isCovered()) return
        setText('')
        setOpen((now) => (now === 'palette' ? null : 'palette'))
      } else if (event.key === '?' && isCommand(event)) {
        event.preventDefault()
        setOpen('shortcuts')
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <button
        type="button"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => show('')}
        className="flex h-9 shrink-0 items-center gap-2 rounded px-2.5 text-sm font-medium text-muted transition-colors hover:bg-hover hover:text-ink lg:w-full pointer-coarse:h-10"
      >
        <CommandIcon aria-hidden className="size-4" />
        <span className="flex-1 text-left max-lg:sr-only">Find or do</span>
        <kbd aria-hidden className="hidden font-mono text-2xs text-faint lg:inline">
          Ctrl K
        </kbd>
      </button>
      {open === 'palette' ? (
        <Palette
          begun={text}
          onShown={onShown}
          onClose={close}
          onShortcuts={() => {
            setText('')
            setOpen('shortcuts')
          }}
        />
      ) : null}
      {open === 'shortcuts' ? <Shortcuts onClose={() => setOpen(null)} /> : null}
    </>
  )
}
