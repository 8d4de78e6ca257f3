'use client'

import { cn } from './cn'
import { formatAhead, formatBoth, formatDuration, formatRelative, formatRunning } from './time'
import { useNow } from './use-now'

/**
 * A text that has seconds is drawn anew each second, and any other each 15 s. Texts have seconds up to one minute, or
 * up to 90 s where something is ahead (time.ts).
 */
const WITH_SECONDS_MS = 90_000
const EVERY_SECOND_MS = 1_000
const SELDOM_MS = 15_000
/** How long something took does not change once it has ended. But a hook cannot be left out, so it runs this seldom. */
const HARDLY_EVER_MS = 3_600_000

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
  const isNear = Math.abs(Date.now() - time) < WITH_SECONDS_MS
  const now = useNow(isNear ? EVERY_SECOND_MS : SELDOM_MS)
  return (
    <time dateTime={at} title={formatBoth(time)} className={cn('whitespace-nowrap tabular-nums', className)}>
      {formatRelative(time, planned ? now : Math.max(now, time))}
    </time>
  )
}

/** When something will happen, such as "in 50 min, at 03:24". */
export function TimeAhead({ at }: { at: string }) {
  const time = Date.parse(at)
  const now = useNow(time - Date.now() < WITH_SECONDS_MS ? EVERY_SECOND_MS : SELDOM_MS)
  return (
    <time dateTime={at} title={formatBoth(time)} className="tabular-nums">
      {formatAhead(time, now)}
    </time>
  )
}

/** How much time lies between two moments. Without an end it counts up to now and goes on counting. */
export function Elapsed({ from, to, className }: { from: string; to: string | null; className?: string }) {
  const now = useNow(to ? HARDLY_EVER_MS : EVERY_SECOND_MS)
  const start = Date.parse(from)
  const text = to ? formatDuration(Date.parse(to) - start) : formatRunning(Math.max(0, now - start))
  return <span className={cn('whitespace-nowrap tabular-nums', className)}>{text}</span>
}
