import { Prisma } from '@/server/db'
import { sliceAt } from './measured'

const { sql } = Prisma

/** When the first of equal buckets begins, of which the last is still filling. */
export const firstBucket = (seconds: number, buckets: number): Prisma.Sql =>
  sql`${sliceAt(sql`clock_timestamp()`, seconds)} - make_interval(secs => ${seconds * (buckets - 1)}::int)`

/**
 * A SELECT of two arrays: when each bucket begins (`begins`, oldest first) and how many fell into it (`counts`). Each
 * bucket is counted by a look of its own into the index: of 100,000 failures that took half the time of sorting all of
 * them into buckets (docs/decisions/0063).
 *
 * @param first when the first begins. It must come from a CTE, because an index can only be searched for a time that is
 * fixed, and `clock_timestamp()` gives another time for each row.
 */
export const trendOf = (
  first: Prisma.Sql,
  { seconds, buckets }: { seconds: number; buckets: number },
  countBetween: (from: Prisma.Sql, to: Prisma.Sql) => Prisma.Sql,
): Prisma.Sql => sql`
  SELECT array_agg(bucket.at ORDER BY bucket.at) AS begins, array_agg(bucket.count ORDER BY bucket.at) AS counts FROM (
    SELECT at, (${countBetween(sql`at`, sql`at + make_interval(secs => ${seconds}::int)`)})::int AS count
    FROM (SELECT ${first} + make_interval(secs => n * ${seconds}::int) AS at FROM generate_series(0, ${buckets - 1}::int) n) beginning) bucket`

/** The two arrays of `trendOf` as points, oldest first. */
export const trendPoints = ({ begins, counts }: { begins: Date[]; counts: number[] }): { at: Date; count: number }[] =>
  begins.map((at, index) => ({ at, count: counts[index]! }))
