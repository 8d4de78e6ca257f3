import { Prisma } from '@/server/db'
import { sliceAt } from './measured'

const { sql } = Prisma

/** When the first of equal buckets begins, of which the last is still filling. */
export const firstSlice = (seconds: number, buckets: number): Prisma.Sql =>
  sql`${sliceAt(sql`clock_timestamp()`, seconds)} - make_interval(secs => ${seconds * (buckets - 1)}::int)`

/**
 * How many fell into each bucket, as two arrays. Each is counted by a walk of its own along the index: of 100,000
 * failures that took half the time of cutting them in one walk (docs/decisions/0063).
 *
 * @param first when the first begins: read once, from a CTE, because an index is not walked by a clock that changes
 */
export const trendOf = (
  first: Prisma.Sql,
  { seconds, buckets }: { seconds: number; buckets: number },
  countBetween: (from: Prisma.Sql, to: Prisma.Sql) => Prisma.Sql,
): Prisma.Sql => sql`
  SELECT array_agg(at) AS slices, array_agg(count) AS counts FROM (
    SELECT at, (${countBetween(sql`at`, sql`at + make_interval(secs => ${seconds}::int)`)})::int AS count
    FROM (SELECT ${first} + make_interval(secs => n * ${seconds}::int) AS at FROM generate_series(0, ${buckets - 1}::int) n) begins) cut`

/** Equal buckets, oldest first, none missing. They end now, or begin at `first` where that is given. */
export function trendPoints(
  { now, slices, counts }: { now: Date; slices: Date[]; counts: number[] },
  seconds: number,
  buckets: number,
  first?: Date,
): { at: Date; count: number }[] {
  const last = first
    ? first.getTime() + (buckets - 1) * seconds * 1000
    : Math.floor(now.getTime() / 1000 / seconds) * seconds * 1000
  const countAt = new Map(slices.map((slice, index) => [slice.getTime(), counts[index] ?? 0]))
  return Array.from({ length: buckets }, (_, index) => {
    const at = new Date(last - (buckets - 1 - index) * seconds * 1000)
    return { at, count: countAt.get(at.getTime()) ?? 0 }
  })
}
