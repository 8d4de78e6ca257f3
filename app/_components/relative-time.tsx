'use client'

import { cn } from './cn'
import { formatAhead, formatBoth, formatDuration, formatRelative, formatRunning } from './time'
import { useNow } from './use-now'

interface Props {
  at: string
  /** The time lies in the future. Left out, it is never shown as "in 3s": then only the clock of this machine is behind. */
  planned?: boolean
  className?: string
}

/** "3m ago", with the exact time on hover. Figures of one width, so ticking moves nothing. */
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

/** "in 50 min, at 03:24": when something will happen, said once and so that one can plan with it. */
export function Ahead({ at }: { at: string }) {
  const time = Date.parse(at)
  const now = useNow(time - Date.now() < 90_000 ? 1000 : 15_000)
  return (
    <time dateTime={at} title={formatBoth(time)} className="tabular-nums">
      {formatAhead(time, now)}
    </time>
  )
}

/** How much time lies between two times. Without an end it counts until now, and goes on counting. */
export function Elapsed({ from, to, className }: { from: string; to: string | null; className?: string }) {
  const now = useNow(to ? 3_600_000 : 1000)
  const start = Date.parse(from)
  const text = to ? formatDuration(Date.parse(to) - start) : formatRunning(Math.max(0, now - start))
  return <span className={cn('whitespace-nowrap tabular-nums', className)}>{text}</span>
}
