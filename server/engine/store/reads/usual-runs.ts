import { Prisma, type DbOrTx } from '@/server/db'
import { BUCKET_BOUNDS, percentiles } from '../../domain/histogram'
import { partsOf } from '../../domain/slices'
import { RUN_BUCKETS } from './measured'
import { rolledUpUntil } from './rollups'

const { sql } = Prisma

/** Jobs of one type in one organization. */
export interface Kind {
  organizationId: string
  jobType: string
}

const DAY_MS = 86_400_000
/** How many whole days before today are looked back to. */
const DAYS = 7
/** A percentile of fewer runs than this says little. */
const FEWEST_RUNS = 5

export const kindKey = ({ organizationId, jobType }: Kind): string => `${organizationId} ${jobType}`

/** How many of an organization's latest attempts are searched for those of a kind, where the sums know too few. */
const LATEST_ATTEMPTS = 2_000

type Histogram = Map<number, number>
/** How many runs of a kind fell into a bucket of its histogram. */
type Fallen = Kind & { bucket: number; count: number }

/**
 * The p95 of the runs of these kinds over the last week, in seconds, by `kindKey`. It is read from sums, so it costs
 * the same however many jobs ran, and lacks the last minutes. Where the sums know fewer than five runs of a kind, as on
 * an installation that has just begun, the latest attempts of its organization are read too, as far as no sum has them.
 * A kind is absent where fewer than five runs are known even then.
 */
export async function usualRuns(db: DbOrTx, kinds: readonly Kind[]): Promise<Map<string, number>> {
  const distinct = [...new Map(kinds.map((kind) => [kindKey(kind), kind])).values()]
  if (distinct.length === 0) return new Map()
  const { until, now } = await rolledUpUntil(db)
  const histograms = new Map<string, Histogram>()
  if (until) add(histograms, await fallenInSums(db, distinct, until.getTime()))
  const young = distinct.filter((kind) => runsIn(histograms.get(kindKey(kind))) < FEWEST_RUNS)
  if (young.length > 0) add(histograms, await fallenLately(db, young, until ?? new Date(now.getTime() - DAYS * DAY_MS)))
  return new Map(
    [...histograms].flatMap(([key, histogram]) => {
      const [p95] = percentiles(histogram, [0.95])
      return runsIn(histogram) < FEWEST_RUNS || p95 === null || p95 === undefined ? [] : [[key, p95] as const]
    }),
  )
}

const runsIn = (histogram: Histogram | undefined): number =>
  [...(histogram?.values() ?? [])].reduce((sum, count) => sum + count, 0)

function add(histograms: Map<string, Histogram>, rows: readonly Fallen[]): void {
  for (const row of rows) {
    const histogram = histograms.get(kindKey(row)) ?? new Map<number, number>()
    histograms.set(kindKey(row), histogram.set(row.bucket, (histogram.get(row.bucket) ?? 0) + row.count))
  }
}

const kindTable = (kinds: readonly Kind[]) =>
  sql`unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[]) AS k(organization_id, job_type)`

function fallenInSums(db: DbOrTx, kinds: readonly Kind[], until: number): Promise<Fallen[]> {
  const from = Math.floor(until / DAY_MS) * DAY_MS - DAYS * DAY_MS
  const parts = partsOf({ from, to: until, until }).filter(({ span }) => span !== null)
  return db.$queryRaw<Fallen[]>`
    SELECT k.organization_id AS "organizationId", k.job_type AS "jobType", u.bucket - ${RUN_BUCKETS}::int AS bucket, sum(u.count)::int AS count
    FROM ${kindTable(kinds)}
    CROSS JOIN unnest(${parts.map(({ span }) => span)}::int[], ${parts.map((part) => new Date(part.from))}::timestamptz[],
      ${parts.map((part) => new Date(part.to))}::timestamptz[]) AS p(span, begin_at, end_at)
    CROSS JOIN LATERAL (
      SELECT r.buckets, r.counts FROM metric_rollups r
      WHERE r.organization_id = k.organization_id AND r.span_seconds = p.span AND r.job_type = k.job_type
        AND r.at >= p.begin_at AND r.at < p.end_at) r
    CROSS JOIN LATERAL unnest(r.buckets, r.counts) AS u(bucket, count)
    WHERE u.bucket >= ${RUN_BUCKETS}::int GROUP BY 1, 2, 3`
}

function fallenLately(db: DbOrTx, kinds: readonly Kind[], since: Date): Promise<Fallen[]> {
  const organizations = [...new Set(kinds.map(({ organizationId }) => organizationId))]
  return db.$queryRaw<Fallen[]>`
    SELECT k.organization_id AS "organizationId", k.job_type AS "jobType", width_bucket(a.run, ${[...BUCKET_BOUNDS]}::double precision[]) AS bucket,
      count(*)::int AS count
    FROM unnest(${organizations}::uuid[]) AS o(id)
    CROSS JOIN LATERAL (
      SELECT a.job_type, a.outcome, greatest(0, extract(epoch FROM a.ended_at - a.started_at))::double precision AS run FROM job_attempts a
      WHERE a.organization_id = o.id AND a.ended_at >= ${since} ORDER BY a.ended_at DESC LIMIT ${LATEST_ATTEMPTS}) a
    JOIN ${kindTable(kinds)} ON k.organization_id = o.id AND k.job_type = a.job_type
    WHERE a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT') GROUP BY 1, 2, 3`
}
