/** How much further each bucket reaches than the one before: estimates are off by at most a tenth (9.1 %). */
const RATIO = 1.2
/** PostgreSQL keeps milliseconds: what took none is told apart from what took one. */
const SHORTEST_SECONDS = 0.001
/** What took longer counts as this long. */
const LONGEST_SECONDS = 366 * 86_400

/**
 * Where buckets begin, in seconds, rising: bucket 0 lies below the first of them, bucket n from the
 * n-th on, the last is open. PostgreSQL's `width_bucket(seconds, bounds)` finds a value's bucket.
 */
export const BUCKET_BOUNDS: readonly number[] = bounds()

function bounds(): number[] {
  const all: number[] = []
  for (let bound = SHORTEST_SECONDS; bound < LONGEST_SECONDS; bound *= RATIO) all.push(bound)
  return all
}

/** How many values fell into each bucket; buckets that none fell into are absent. */
export type Histogram = ReadonlyMap<number, number>

/**
 * Percentiles in seconds, as `percentile_cont` has them (interpolated between the two values at the
 * rank), each within 9.1 %; null where there is no value.
 *
 * @param shares 0.5 for the median
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

/** The value at a rank from 0, as near as its bucket tells. */
function valueAt(rising: readonly [number, number][], rank: number): number {
  let passed = 0
  for (const [bucket, count] of rising) {
    passed += count
    if (rank < passed) return middleOf(bucket)
  }
  return middleOf(rising.at(-1)?.[0] ?? 0)
}

/** The value that is off by the same share from both ends of its bucket. */
function middleOf(bucket: number): number {
  const from = BUCKET_BOUNDS[bucket - 1]
  if (from === undefined) return 0
  const to = from * RATIO
  return (2 * from * to) / (from + to)
}
