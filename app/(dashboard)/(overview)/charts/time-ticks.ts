import { timeDay, timeTicks as niceTimes } from 'd3-time'
import { formatMinute, formatMonthDay } from '@/app/_components/time'

/** More labels than this would touch each other in the narrower charts. */
const MOST = 8
/**
 * A label that follows another by less than this share of the width is left out. The 31st and the 1st may be so near,
 * because the steps of days begin anew with each month.
 */
const LEAST_DISTANCE = 0.12
/** A label further right than this share of the width would reach beyond the chart. */
const LAST = 0.97

export interface TimeTick {
  /** The distance from the left edge of the drawing area, as a share of its width from 0 to 1. */
  left: number
  label: string
}

/** True where an axis shows days and not times of day, which is for more than two days. */
const isByDay = (count: number, bucketSeconds: number) => count * bucketSeconds > 2 * 86_400

/**
 * The labels of a time axis, at times that people use, such as every 10 minutes or every day, in the reader's time zone.
 * With `bars`, each bucket has a band of its own. Without it (lines), the first and the last bucket lie on the edges.
 */
export function timeTicks(points: readonly { at: string }[], bucketSeconds: number, bars: boolean): TimeTick[] {
  if (points.length === 0) return []
  const begin = Date.parse(points[0]!.at)
  const width = (bars ? points.length : Math.max(1, points.length - 1)) * bucketSeconds * 1000
  const byDay = isByDay(points.length, bucketSeconds)
  const label = byDay ? formatMonthDay : formatMinute
  for (let wanted = MOST; wanted > 0; wanted--) {
    // `wanted` is a wish. What comes may be more or fewer, so that the steps are round.
    const ticks = niceTimes(new Date(begin), new Date(begin + width), wanted)
      // A day's name stands only where the day begins, and a minute is named once.
      .filter((at) => (byDay ? Number(timeDay.floor(at)) === Number(at) : at.getSeconds() === 0))
      .map((at) => ({ left: (Number(at) - begin) / width, label: label(Number(at)) }))
      .filter(({ left }) => left <= LAST)
    if (ticks.length <= MOST)
      return ticks.filter(({ left }, n) => n === 0 || left - ticks[n - 1]!.left >= LEAST_DISTANCE)
  }
  return []
}
