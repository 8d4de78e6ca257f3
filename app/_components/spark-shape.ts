import { area, curveMonotoneX, line } from 'd3-shape'
import { formatCount, formatDayAndMinute, formatter } from './time'

interface Point {
  at: string
  count: number
}
interface Size {
  width: number
  height: number
}

/** Space on all sides for the thickness of the line, in pixels. */
const EDGE = 1.5

/**
 * The shape of a spark, a small line chart. It has the line, the area below it and the last point, in pixels from the
 * top left.
 */
export function sparkShape(points: readonly Point[], { width, height }: Size) {
  const most = Math.max(1, ...points.map(({ count }) => count))
  const step = (width - 2 * EDGE) / Math.max(1, points.length - 1)
  const x = (_: Point, index: number) => EDGE + index * step
  const y = ({ count }: Point) => height - EDGE - (count / most) * (height - 2 * EDGE)
  const list = [...points]
  const last = list.at(-1)
  return {
    line: line<Point>().x(x).y(y).curve(curveMonotoneX)(list) ?? '',
    area: area<Point>().x(x).y0(height).y1(y).curve(curveMonotoneX)(list) ?? '',
    end: last ? { x: x(last, list.length - 1), y: y(last) } : null,
  }
}

// Buckets of a day are days of UTC.
const day = formatter({ day: 'numeric', month: 'short', timeZone: 'UTC' })

/** What a spark shows in words, for those who cannot see it: "10 in 14 days, most on Nov 28: 7". */
export function sparkWords(points: readonly Point[], bucketSeconds: number): string {
  const total = points.reduce((sum, { count }) => sum + count, 0)
  const range = rangeWords(points.length * bucketSeconds)
  const top = points.reduce<Point | undefined>((best, one) => (!best || one.count > best.count ? one : best), undefined)
  if (!top || total === 0) return `None in ${range}`
  const at = bucketSeconds >= 86_400 ? day().format(Date.parse(top.at)) : formatDayAndMinute(Date.parse(top.at))
  return `${formatCount(total)} in ${range}, most on ${at}: ${formatCount(top.count)}`
}

/** A range in days from 2 days on, in hours from 2 hours on, and else in minutes. */
function rangeWords(seconds: number): string {
  const [size, unit] = seconds >= 172_800 ? [86_400, 'days'] : seconds >= 7_200 ? [3_600, 'hours'] : [60, 'minutes']
  return `${Math.round(seconds / (size as number))} ${unit}`
}
