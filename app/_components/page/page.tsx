'use client'

import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { cn } from '../cn'
import { LiveIndicator } from '../live-indicator'
import { useScope } from '../shell/organization'
import { ErrorState } from './states'
import { shown } from '../visible-text'
import { goesBack, useWayBack } from './place'
import { useTabTitle } from './use-tab-title'

interface Props {
  title: ReactNode
  /** What the tab is called, where the title of the route (`metadata`) says too little. */
  tab?: string
  /** Beside the title: a count, a status. */
  aside?: ReactNode
  /** At the right end of the title's line: what can be done on this page. */
  actions?: ReactNode
  /** Says whether the page follows the engine by itself. */
  live?: boolean
  /** The page that this one belongs to. */
  back?: { path: string; label: string }
  /** Under the title, and part of the header. */
  below?: ReactNode
  /** The page could not be loaded: it says so, with a way to try again, in place of its content. */
  error?: unknown
  onRetry?: () => void
  /** Stands in place of the content until there is some, in the same shape. */
  skeleton?: ReactNode
  children: ReactNode
}

/** The frame of every page of the dashboard: its header, then its content or the state that stands for it. */
export function Page({ title, tab, aside, actions, live, back, below, error, onRetry, skeleton, children }: Props) {
  useTabTitle(tab)
  return (
    <>
      <header className="mb-4">
        {back ? <BackRow back={back} live={live} /> : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{shown(title)}</h1>
          {aside}
          <div className={cn('flex flex-wrap items-center gap-2', back ? 'sm:ml-auto' : 'ml-auto')}>
            {live && !back ? <LiveIndicator /> : null}
            {actions}
          </div>
        </div>
        {below}
      </header>
      {error ? <ErrorState error={error} onRetry={onRetry} /> : (skeleton ?? children)}
    </>
  )
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
      {live ? <LiveIndicator /> : null}
    </div>
  )
}
