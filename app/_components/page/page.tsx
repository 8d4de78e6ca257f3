'use client'

import { ChevronLeft } from 'lucide-react'
import Link from '../link'
import { useEffect, useRef, type ReactNode } from 'react'
import { cn } from '../cn'
import { LiveIndicator } from '../live-indicator'
import { useScope } from '../shell/organization'
import { ErrorState } from './states'
import { visibleContent } from '../visible-text'
import { goesBack, useWayBack } from './place'
import { useTabTitle } from './use-tab-title'

interface Props {
  title: ReactNode
  /** The name of the browser tab, where the title of the route (`metadata`) says too little. */
  tab?: string
  /** Stands beside the title, such as a count or a status. */
  aside?: ReactNode
  /** The buttons at the right end of the title's line. */
  actions?: ReactNode
  /** Shows whether the page updates by itself. */
  live?: boolean
  /** The page that this one belongs to. */
  back?: { path: string; label: string }
  /** Content under the title that belongs to the header. */
  below?: ReactNode
  /** The error that kept the page from loading. It is shown in place of the content, with a button that tries again. */
  error?: unknown
  onRetry?: () => void
  /** Grey shapes that stand in place of the content until it is loaded. */
  skeleton?: ReactNode
  children: ReactNode
}

/**
 * The frame of every page of the dashboard. It draws the header, and then the content, the error or the grey shapes.
 */
export function Page({ title, tab, aside, actions, live, back, below, error, onRetry, skeleton, children }: Props) {
  useTabTitle(tab)
  const heading = useHeadingFocus()
  return (
    <>
      <header className="mb-4">
        {back ? <BackRow back={back} live={live} /> : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 ref={heading} tabIndex={-1} className="rounded text-xl font-semibold tracking-tight wrap-anywhere">
            {visibleContent(title)}
          </h1>
          {aside}
          <div className={cn('flex flex-wrap items-center gap-2', back ? 'sm:ml-auto' : 'ml-auto')}>
            {back ? null : <LiveIndicator live={live === true} />}
            {actions}
          </div>
        </div>
        {below}
      </header>
      {error ? <ErrorState error={error} onRetry={onRetry} /> : (skeleton ?? children)}
    </>
  )
}

/** The first page was opened by the browser, and there the Tab key begins at the top. */
let isFirst = true

/**
 * What led to this page, such as a row or the button of a form, is gone with the page before. The focus then goes to the
 * heading, so that the next key goes on from there and a screen reader says where the reader is.
 */
function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!isFirst && document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
    isFirst = false
  }, [])
  return heading
}

function BackRow({ back, live }: Pick<Props, 'live'> & { back: NonNullable<Props['back']> }) {
  const { href } = useScope()
  const wayBack = useWayBack(href(back.path))
  return (
    <div className="mb-1.5 flex items-center justify-between">
      <Link
        href={wayBack}
        onClick={goesBack}
        className="-ml-1 inline-flex items-center gap-0.5 rounded text-sm text-muted hover:text-ink pointer-coarse:py-2"
      >
        <ChevronLeft aria-hidden className="size-4" /> {back.label}
      </Link>
      <LiveIndicator live={live === true} />
    </div>
  )
}
