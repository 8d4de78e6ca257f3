import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUCKET_BOUNDS, percentiles, type Histogram } from './histogram'

/** The bucket of a value, as PostgreSQL's width_bucket gives it (store/reads/width-bucket.db.test.ts). */
const bucketOf = (seconds: number) => BUCKET_BOUNDS.filter((bound) => bound <= seconds).length
const histogram = (values: readonly number[]): Histogram => {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1)
  return counts
}
/** The same interpolation as PostgreSQL's percentile_cont. */
function exact(values: readonly number[], share: number): number {
  const rising = [...values].sort((a, b) => a - b)
  const rank = share * (rising.length - 1)
  const [below, above] = [rising[Math.floor(rank)]!, rising[Math.ceil(rank)]!]
  return below + (above - below) * (rank % 1)
}

// Whole milliseconds, from 0 to a year, most of them short.
const seconds = fc.oneof(fc.nat(5_000), fc.nat(3_600_000), fc.nat(365 * 86_400_000)).map((ms) => ms / 1000)
const shares = [0, 0.01, 0.5, 0.95, 0.99, 1]

describe('a percentile of a histogram', () => {
  // Each bucket is 1.2 times as long as the one before. So the middle of one is off by at most 1/11.
  it('a percentile of a histogram is within 9.1 % of the exact one, whatever was measured up to a year', () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 1, maxLength: 200 }), (values) => {
        const estimates = percentiles(histogram(values), shares)
        expect(estimates).toHaveLength(shares.length)
        estimates.forEach((estimate, index) => {
          const right = exact(values, shares[index]!)
          expect(Math.abs(estimate! - right)).toBeLessThanOrEqual(0.091 * right)
        })
      }),
    )
  })

  it('a percentile is null where nothing was measured, and 0 where nothing took time', () => {
    expect(percentiles(new Map(), [0.5])).toEqual([null])
    expect(percentiles(histogram([0, 0, 0]), [0.5, 0.99])).toEqual([0, 0])
  })

  it('a value beyond the last bucket counts as about a year', () => {
    const [estimate] = percentiles(histogram([1e9]), [0.5])
    expect(estimate! / 86_400).toBeGreaterThan(350)
    expect(estimate! / 86_400).toBeLessThan(366)
  })
})
