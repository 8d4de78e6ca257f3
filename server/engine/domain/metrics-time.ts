import { SPANS } from './slices'

// The times over which figures may be asked for.

export const METRICS_RANGES = ['1h', '6h', '24h', '7d', '30d'] as const
export type MetricsRange = (typeof METRICS_RANGES)[number]

/**
 * The time that figures are asked for: how far back from `now`, which is the present unless it is given, or between two
 * moments, of which the second is not part of it.
 */
export type MetricsTime = { range: MetricsRange; now?: Date } | { from: Date; to: Date }

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The longest time that figures can be asked for, in seconds: sums are not kept for much longer. */
export const LONGEST_METRICS_SECONDS = 31 * DAY

/** How long each range is and how long its parts are, in seconds. Each has 60 to 120 parts, enough for a chart. */
const RANGES: Record<MetricsRange, { seconds: number; bucket: number }> = {
  '1h': { seconds: HOUR, bucket: MINUTE },
  '6h': { seconds: 6 * HOUR, bucket: 5 * MINUTE },
  '24h': { seconds: DAY, bucket: 15 * MINUTE },
  '7d': { seconds: 7 * DAY, bucket: 2 * HOUR },
  '30d': { seconds: 30 * DAY, bucket: 6 * HOUR },
}
/**
 * The lengths that buckets may have in a time between two moments, in seconds. Each is a whole multiple of the one
 * before. So the buckets of a part of a chart lie within those of the whole chart.
 */
const BUCKETS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY]
const MOST_BUCKETS = 120
/** The sums of the shortest slices, five minutes, are kept for so long. */
const SHORT_SUMS_SECONDS = SPANS.at(-1)!.keptSeconds
/**
 * A range ends a little in the future, so that rows that are written while it is read count. Their times may also
 * have been rounded up.
 */
const AHEAD_MS = 1_000

/** A time for which figures are made, in milliseconds since 1970. */
export interface PlannedTime {
  from: number
  to: number
  /** How much of it has passed, in minutes. */
  minutes: number
  /**
   * True where the figures are read from every attempt. Longer times hold too many of them: their percentiles come from
   * sums, and are within 10 %.
   */
  exact: boolean
  /** The same time in whole buckets, which may begin a little earlier and end a little later. */
  series: { from: number; count: number; bucketSeconds: number }
}

/** Plans which time is measured, and how it is cut. `now` is the database's time in milliseconds since 1970. */
export function planTime(asked: MetricsTime, now: number): PlannedTime {
  if ('range' in asked) {
    const { seconds, bucket } = RANGES[asked.range]
    const end = asked.now?.getTime() ?? now
    const length = bucket * 1000
    return {
      from: end - seconds * 1000,
      to: end + AHEAD_MS,
      minutes: seconds / MINUTE,
      exact: asked.range === '1h',
      series: {
        from: Math.floor(end / length) * length - (seconds - bucket) * 1000,
        count: seconds / bucket,
        bucketSeconds: bucket,
      },
    }
  }
  const [from, to] = [asked.from.getTime(), asked.to.getTime()]
  const seconds = (to - from) / 1000
  const exact = seconds <= HOUR
  // Where the sums of five minutes are gone, shorter buckets than an hour would have to be read from every attempt.
  const least = exact || from >= now - SHORT_SUMS_SECONDS * 1000 ? MINUTE : HOUR
  const bucketSeconds = BUCKETS.find((bucket) => bucket >= least && seconds / bucket <= MOST_BUCKETS) ?? BUCKETS.at(-1)!
  const length = bucketSeconds * 1000
  const first = Math.floor(from / length) * length
  return {
    from,
    to,
    minutes: Math.max(1, Math.min(to, now + AHEAD_MS) - from) / 1000 / MINUTE,
    exact,
    series: { from: first, count: Math.ceil((to - first) / length), bucketSeconds },
  }
}
