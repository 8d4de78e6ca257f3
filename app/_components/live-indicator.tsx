'use client'

import { useEffect, useEffectEvent } from 'react'
import { useConnection } from '@/app/_trpc/connection-state'
import { useLiveState, type LiveState } from '@/app/_trpc/live-state'
import { useOutdated } from '@/app/_trpc/use-outdated'
import { cn } from './cn'
import { NoteButton } from './note-button'

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
const LOOK = cn('inline-flex items-center gap-1.5 text-xs', WIDTH)

/**
 * Tells whether the page updates by itself. Where a part of it could not be read again, it says so instead, also on a
 * page that is not `live`.
 */
export function LiveIndicator({ live }: { live: boolean }) {
  const { outdated, readAgain } = useOutdated()
  const connected = useConnection() === 'ok'
  const isLive = useLiveState() === 'live'
  const retry = useEffectEvent(readAgain)
  // What could not be read during an outage is read when it is over.
  useEffect(() => {
    if (connected) retry()
  }, [connected, isLive])
  // Without a connection, a note at the lower edge of the window says what is wrong (shell/connection-note.tsx).
  const says = outdated && connected
  return (
    <>
      <span role="status" className="contents">
        {says ? (
          <NoteButton
            title="A part of this page could not be read again, and shows older data. Press to try again."
            className={LOOK}
            onPress={readAgain}
          >
            Outdated
          </NoteButton>
        ) : null}
      </span>
      {live && !says ? <StreamState /> : null}
    </>
  )
}

function StreamState() {
  const stream = useLiveState()
  const connected = useConnection() === 'ok'
  // A stream may seem open for a while after the network has gone. So the connection counts, too.
  const state = stream === 'live' && !connected ? 'connecting' : stream
  if (state === 'off') return <span aria-hidden className={WIDTH} />
  const { label, title, dot } = TEXT[state]
  return (
    <span title={title} className={cn(LOOK, 'text-faint')}>
      <span aria-hidden className={cn('size-1.5 rounded-full', dot)} />
      {label}
    </span>
  )
}
