import type { DbOrTx } from '@/server/db'
import { percentiles } from '../../domain/histogram'
import { partsOf } from '../../domain/slices'
import { RUN_BUCKETS } from './measured'
import { rolledUpUntil } from './rollups'

/** Jobs of one type in one organization. */
export interface Kind {
  organizationId: string
  jobType: string
}

const DAY_MS = 86_400_000
const DAYS = 7
/** A percentile of fewer runs says little. */
const FEWEST_RUNS = 5

export const kindKey = ({ organizationId, jobType }: Kind): string => `${organizationId} ${jobType}`

/**
 * The p95 of the runs of these kinds over the last week, in seconds, by `kindKey`. It is read from sums alone, so it
 * costs the same however many jobs ran, and lacks the last minutes. A kind with fewer than five runs is absent.
 */
export async function usualRuns(db: DbOrTx, kinds: readonly Kind[]): Promise<Map<string, number>> {
  const distinct = [...new Map(kinds.map((kind) => [kindKey(kind), kind])).values()]
  if (distinct.length === 0) return new Map()
  const until = (await rolledUpUntil(db)).until?.getTime()
  if (until === undefined) return new Map()
  const from = Math.floor(until / DAY_MS) * DAY_MS - DAYS * DAY_MS
  const parts = partsOf({ from, to: until, until }).filter(({ span }) => span !== null)
  const rows = await db.$queryRaw<(Kind & { bucket: number; count: number })[]>`
    SELECT k.organization_id AS "organizationId", k.job_type AS "jobType", u.bucket, sum(u.count)::int AS count
    FROM unnest(${distinct.map(({ organizationId }) => organizationId)}::uuid[], ${distinct.map(({ jobType }) => jobType)}::text[]) AS k(organization_id, job_type)
    CROSS JOIN unnest(${parts.map(({ span }) => span)}::int[], ${parts.map((part) => new Date(part.from))}::timestamptz[],
      ${parts.map((part) => new Date(part.to))}::timestamptz[]) AS p(span, begin_at, end_at)
    CROSS JOIN LATERAL (
      SELECT r.buckets, r.counts FROM metric_rollups r
      WHERE r.organization_id = k.organization_id AND r.span_seconds = p.span AND r.job_type = k.job_type
        AND r.at >= p.begin_at AND r.at < p.end_at) r
    CROSS JOIN LATERAL unnest(r.buckets, r.counts) AS u(bucket, count)
    WHERE u.bucket >= ${RUN_BUCKETS}::int GROUP BY 1, 2, 3`
  const histograms = new Map<string, Map<number, number>>()
  for (const row of rows) {
    const histogram = histograms.get(kindKey(row)) ?? new Map<number, number>()
    histograms.set(kindKey(row), histogram.set(row.bucket - RUN_BUCKETS, row.count))
  }
  return new Map(
    [...histograms].flatMap(([key, histogram]) => {
      const runs = [...histogram.values()].reduce((sum, count) => sum + count, 0)
      const [p95] = percentiles(histogram, [0.95])
      return runs < FEWEST_RUNS || p95 === null || p95 === undefined ? [] : [[key, p95] as const]
    }),
  )
}
