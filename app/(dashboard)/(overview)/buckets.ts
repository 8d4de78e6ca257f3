import type { Span } from '@/app/_components/figures/figure-paths'
import { formatDayAndMinute, formatMinute, formatMonthDay } from '@/app/_components/time'

/** The time that a bucket covers. */
export const bucketSpan = (at: string, bucketSeconds: number): Span => ({
  from: new Date(at).toISOString(),
  to: new Date(Date.parse(at) + bucketSeconds * 1000).toISOString(),
})

/**
 * The bucket below a click, counted from 0. Null where the click is beside the plot. With `bars`, each bucket has a
 * band of its own. Without it (lines), the first and the last bucket lie on the plot's edges.
 */
export function bucketAt(
  x: number,
  plot: { left: number; right: number },
  count: number,
  bars: boolean,
): number | null {
  if (x < plot.left || x > plot.right) return null
  return nearestBucket(x, plot, count, bars)
}

/** The bucket nearest to a point, which may lie beside the plot. Null only where there are no buckets. */
export function nearestBucket(
  x: number,
  plot: { left: number; right: number },
  count: number,
  bars: boolean,
): number | null {
  if (count === 0) return null
  const share = Math.min(1, Math.max(0, (x - plot.left) / (plot.right - plot.left)))
  return Math.min(count - 1, bars ? Math.floor(share * count) : Math.round(share * (count - 1)))
}

/** A time in words, such as "Nov 28, 14:00 – 16:00". It has both days where they differ. */
export function spanLabel(span: { from: Date; to: Date }): string {
  const [from, to] = [span.from.getTime(), span.to.getTime()]
  const sameDay = formatMonthDay(from) === formatMonthDay(to - 1)
  return `${formatDayAndMinute(from)} – ${(sameDay ? formatMinute : formatDayAndMinute)(to)}`
}

/** The span of a bucket in words, for a tooltip or a table. */
export function bucketLabel(at: string, bucketSeconds: number): string {
  const from = Date.parse(at)
  if (bucketSeconds >= 86_400) return formatMonthDay(from)
  return `${formatDayAndMinute(from)} – ${formatMinute(from + bucketSeconds * 1000)}`
}

/**
 * True for a measured value between two gaps. Beyond the first and the last bucket there is a gap, too. A line through
 * one point cannot be seen, so the value needs a dot.
 */
export function standsAlone<Key extends string>(
  points: readonly { [key in Key]: number | null }[],
  key: Key,
  index: number,
): boolean {
  const at = (place: number) => points[place]?.[key] ?? null
  return at(index) !== null && at(index - 1) === null && at(index + 1) === null
}
