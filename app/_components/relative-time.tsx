'use client'

import { cn } from './cn'
import { formatAhead, formatBoth, formatDuration, formatRelative, formatRunning } from './time'
import { useNow } from './use-now'

interface Props {
  at: string
  /**
   * The time lies in the future. Without this, a time ahead of the clock of this machine counts as "just now", because
   * then the clock must be behind.
   */
  planned?: boolean
  className?: string
}

/**
 * A time as "3m ago". A tooltip has the exact time. All digits are equally wide, so nothing moves when the time
 * changes.
 */
export function RelativeTime({ at, planned = false, className }: Props) {
  const time = Date.parse(at)
  const recent = Math.abs(Date.now() - time) < 90_000
  const now = useNow(recent ? 1000 : 15_000)
  return (
    <time dateTime={at} title={formatBoth(time)} className={cn('whitespace-nowrap tabular-nums', className)}>
      {formatRelative(time, planned ? now : Math.max(now, time))}
    </time>
  )
}

/** When something will happen, such as "in 50 min, at 03:24". */
export function TimeAhead({ at }: { at: string }) {
  const time = Date.parse(at)
  const now = useNow(time - Date.now() < 90_000 ? 1000 : 15_000)
  return (
    <time dateTime={at} title={formatBoth(time)} className="tabular-nums">
      {formatAhead(time, now)}
    </time>
  )
}

/** How much time lies between two moments. Without an end it counts up to now and goes on counting. */
export function Elapsed({ from, to, className }: { from: string; to: string | null; className?: string }) {
  const now = useNow(to ? 3_600_000 : 1000)
  const start = Date.parse(from)
  const text = to ? formatDuration(Date.parse(to) - start) : formatRunning(Math.max(0, now - start))
  return <span className={cn('whitespace-nowrap tabular-nums', className)}>{text}</span>
}
