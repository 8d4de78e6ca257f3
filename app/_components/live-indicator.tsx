'use client'

import { useConnection } from '@/app/_trpc/connection-state'
import { useLiveState, type LiveState } from '@/app/_trpc/live-state'
import { cn } from './cn'

const TEXT: Record<Exclude<LiveState, 'off'>, { label: string; title: string; dot: string }> = {
  live: { label: 'Live', title: 'Changes appear by themselves', dot: 'bg-completed' },
  connecting: { label: 'Connecting', title: 'The connection for live changes is being made', dot: 'bg-warning' },
  delayed: {
    label: 'Delayed',
    title: 'Too many pages are live at once. This one is read again every 10 s, and goes live when others are closed.',
    dot: 'bg-warning',
  },
  paused: { label: 'Paused', title: 'Live changes go on when this tab is seen again', dot: 'bg-pending' },
}

/** The width of the longest label, so that nothing beside it moves when the label changes. */
const WIDTH = 'min-w-20 justify-end'

/** Tells whether the page updates by itself. */
export function LiveIndicator() {
  const stream = useLiveState()
  const connected = useConnection() === 'ok'
  // A stream may seem open for a while after the network has gone. So the connection counts, too.
  const state = stream === 'live' && !connected ? 'connecting' : stream
  if (state === 'off') return <span aria-hidden className={WIDTH} />
  const { label, title, dot } = TEXT[state]
  return (
    <span title={title} className={cn('inline-flex items-center gap-1.5 text-xs text-faint', WIDTH)}>
      <span aria-hidden className={cn('size-1.5 rounded-full', dot)} />
      {label}
    </span>
  )
}
