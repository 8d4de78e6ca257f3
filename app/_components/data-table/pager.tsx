'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../button'
import type { Pages } from './use-pages'

interface Props {
  pages: Pages
  /** A short text at the other end of the line, in small grey letters. */
  hint?: ReactNode
  /** A control that chooses how long a page is. */
  size?: ReactNode
}

/** Moves through a list that comes in pages, newest first. */
export function Pager({ pages: { newer, older, isStale }, hint, size }: Props) {
  return (
    <nav aria-label="Pages" className="mt-3 flex flex-wrap items-center justify-between gap-3 text-xs text-faint">
      {hint}
      <div className="ml-auto flex items-center gap-2">
        {size}
        <Button size="sm" onClick={newer} unavailable={newer ? null : 'These are the newest.'}>
          <ChevronLeft aria-hidden /> Newer
        </Button>
        <Button
          size="sm"
          onClick={older}
          unavailable={older ? null : isStale ? 'The next page is not known yet.' : 'There are no older ones.'}
        >
          Older <ChevronRight aria-hidden />
        </Button>
      </div>
    </nav>
  )
}
