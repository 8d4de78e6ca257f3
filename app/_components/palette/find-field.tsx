'use client'

import { Search } from 'lucide-react'
import { Input } from '../field'
import { openPalette } from './open-palette'

/**
 * A field that opens the command palette, for a phone, which has no Ctrl+K. It is a real field, so that the phone shows
 * its keyboard at once, and the palette goes on with it.
 */
export function FindField() {
  return (
    <div className="relative lg:hidden">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <Input
        type="search"
        aria-label="Find a job or a page"
        placeholder="Find a job by id, words or order.id:4711"
        autoComplete="off"
        className="pl-8.5!"
        value=""
        onClick={() => openPalette()}
        onChange={(event) => openPalette(event.target.value)}
      />
    </div>
  )
}
