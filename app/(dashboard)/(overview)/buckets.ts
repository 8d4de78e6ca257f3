/**
 * A link from a bucket of a chart to the jobs that one of its figures counts: the jobs submitted in it, or those
 * completed in it.
 */
export function bucketPath(at: string, bucketSeconds: number, which: 'submitted' | 'completed'): string {
  const from = new Date(at).toISOString()
  const to = new Date(Date.parse(at) + bucketSeconds * 1000).toISOString()
  return which === 'submitted'
    ? `/jobs?after=${from}&before=${to}`
    : `/jobs?status=COMPLETED&endedAfter=${from}&endedBefore=${to}`
}

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

/** The label of an axis. It is the time of day, or the day where the range covers several days. */
export const axisLabel = (at: string, range: string) => (isByDay(range) ? day : time).format(new Date(at))
const isByDay = (range: string) => range === '7d' || range === '30d'

/**
 * Where the axis has labels. A range of several days has one for each day, where the day begins. Undefined lets the
 * chart choose.
 */
export function dayTicks(ats: readonly string[], range: string): string[] | undefined {
  return isByDay(range)
    ? ats.filter((at, n) => n > 0 && axisLabel(at, range) !== axisLabel(ats[n - 1]!, range))
    : undefined
}

/** The span of a bucket in words, for a tooltip or a table. */
export function bucketLabel(at: string, bucketSeconds: number): string {
  const from = new Date(at)
  const to = new Date(from.getTime() + bucketSeconds * 1000)
  if (bucketSeconds >= 86_400) return day.format(from)
  return `${dayTime.format(from)} – ${time.format(to)}`
}

/** True for a measured value between two gaps. A line through one point cannot be seen, so the value needs a dot. */
export function standsAlone<Key extends string>(
  points: readonly { [key in Key]: number | null }[],
  key: Key,
  index: number,
): boolean {
  const at = (place: number) => points[place]?.[key] ?? null
  return at(index) !== null && at(index - 1) === null && at(index + 1) === null
}
