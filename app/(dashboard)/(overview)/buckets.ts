/** From a bucket of a chart to the jobs that one of its figures counts: those submitted in it, or those completed. */
export function bucketPath(at: string, bucketSeconds: number, which: 'submitted' | 'completed'): string {
  const from = new Date(at).toISOString()
  const to = new Date(Date.parse(at) + bucketSeconds * 1000).toISOString()
  return which === 'submitted'
    ? `/jobs?after=${from}&before=${to}`
    : `/jobs?status=COMPLETED&endedAfter=${from}&endedBefore=${to}`
}

/**
 * Which bucket lies under a click, from 0; null beside the plot. `bars`: each bucket has a band of its
 * own; otherwise (lines) the first and last lie on the plot's edges.
 */
export function bucketAt(
  x: number,
  plot: { left: number; right: number },
  count: number,
  bars: boolean,
): number | null {
  if (count === 0 || x < plot.left || x > plot.right) return null
  const share = (x - plot.left) / (plot.right - plot.left)
  return Math.min(count - 1, bars ? Math.floor(share * count) : Math.round(share * (count - 1)))
}

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayTime = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** For an axis: the time of day, or the day where the range is longer than that. */
export const axisLabel = (at: string, range: string) => (isByDay(range) ? day : time).format(new Date(at))
const isByDay = (range: string) => range === '7d' || range === '30d'

/** Where an axis is labelled: each day once, where it begins; undefined: anywhere. */
export function dayTicks(ats: readonly string[], range: string): string[] | undefined {
  return isByDay(range)
    ? ats.filter((at, n) => n > 0 && axisLabel(at, range) !== axisLabel(ats[n - 1]!, range))
    : undefined
}

/** For a tooltip or table: from when to when. */
export function bucketLabel(at: string, bucketSeconds: number): string {
  const from = new Date(at)
  const to = new Date(from.getTime() + bucketSeconds * 1000)
  if (bucketSeconds >= 86_400) return day.format(from)
  return `${dayTime.format(from)} – ${time.format(to)}`
}

/** A measured value between two gaps. A line has no length there, so the point needs a dot. */
export function standsAlone<Key extends string>(
  points: readonly { [key in Key]: number | null }[],
  key: Key,
  index: number,
): boolean {
  const at = (place: number) => points[place]?.[key] ?? null
  return at(index) !== null && at(index - 1) === null && at(index + 1) === null
}
