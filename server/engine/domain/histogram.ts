// Percentiles of durations that were counted in buckets.

/** How many times longer each bucket is than the one before. With 1.2, estimates are off by at most 9.1 %. */
const RATIO = 1.2
/** PostgreSQL keeps milliseconds. A duration of 0 and one of 1 millisecond fall into different buckets. */
const SHORTEST_SECONDS = 0.001
/** The last bucket begins below this, at some 328 days, and is open. All that falls into it counts as some 357 days. */
const LONGEST_SECONDS = 366 * 86_400

/**
 * The bounds between buckets, in seconds, rising. Bucket 0 lies below the first bound, bucket n begins at the n-th
 * bound, and the last bucket is open. PostgreSQL's `width_bucket(seconds, bounds)` finds the bucket of a value.
 */
export const BUCKET_BOUNDS: readonly number[] = bounds()

function bounds(): number[] {
  const all: number[] = []
  for (let bound = SHORTEST_SECONDS; bound < LONGEST_SECONDS; bound *= RATIO) all.push(bound)
  return all
}

/** How many values fell into each bucket. Empty buckets are absent. */
export type Histogram = ReadonlyMap<number, number>

/**
 * Percentiles in seconds, interpolated between two values like those of `percentile_cont`, and off by at most 9.1 %, or
 * more where durations are above a year. Null where there are no values.
 *
 * @param shares numbers from 0 to 1, such as 0.5 for the median
 */
export function percentiles(histogram: Histogram, shares: readonly number[]): (number | null)[] {
  const rising = [...histogram].sort(([a], [b]) => a - b)
  const total = rising.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return shares.map(() => null)
  return shares.map((share) => {
    const rank = share * (total - 1)
    const below = valueAt(rising, Math.floor(rank))
    const above = valueAt(rising, Math.ceil(rank))
    return below + (above - below) * (rank - Math.floor(rank))
  })
}

/** An estimate of the value at a rank, counted from 0. */
function valueAt(rising: readonly [number, number][], rank: number): number {
  let passed = 0
  for (const [bucket, count] of rising) {
    passed += count
    if (rank < passed) return middleOf(bucket)
  }
  return middleOf(rising.at(-1)?.[0] ?? 0)
}

/** The value that is off by the same share of both ends of its bucket: by 1/11, where each bucket is 1.2 times as long. */
function middleOf(bucket: number): number {
  const from = BUCKET_BOUNDS[bucket - 1]
  // Bucket 0 holds what took no time.
  if (from === undefined) return 0
  const to = from * RATIO
  return (2 * from * to) / (from + to)
}
