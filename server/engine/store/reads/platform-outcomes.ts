import { Prisma, statementName, type DbOrTx } from '@/server/db'
import { BUCKET_BOUNDS, percentiles } from '../../domain/histogram'
import { partsOf, type Part, type Stretch } from '../../domain/slices'
import { ALL_ORGANIZATIONS, ALL_TYPES, endedRows, RUN_BUCKETS, times } from './measured'
import { rolledUpUntil } from './rollups'

// Counts what ended in each organization, for the page that compares organizations.

const { sql } = Prisma

export type PlatformRange = '1h' | '24h'
const SECONDS: Record<PlatformRange, number> = { '1h': 3_600, '24h': 86_400 }
/** A range ends a little in the future, so that rows that are written while it is read count. */
const AHEAD_MS = 1_000
/** The range begins where a slice of five minutes does, so that only its end is read from the rows. */
const SLICE_MS = 300_000

/** What ended in an organization within a range. */
export interface Outcomes {
  completed: number
  failed: number
  /** Seconds. Null where nothing was measured. */
  waitP95: number | null
}

/** Counts, and how many waits fell into each bucket. */
interface Sums {
  organization_id: string
  completed: number
  failed: number
  buckets: number[]
  counts: number[]
}

/**
 * What ended in each organization in the range that ends now. The sums that exist are read once in five minutes by each
 * process: until a slice of five minutes is added, they stay the same. The rest is read from the rows.
 */
export async function outcomesOf(db: DbOrTx, range: PlatformRange): Promise<Map<string, Outcomes>> {
  const { until, now } = await rolledUpUntil(db)
  const from = Math.floor((now.getTime() - SECONDS[range] * 1000) / SLICE_MS) * SLICE_MS
  const parts = partsOf({ from, to: now.getTime() + AHEAD_MS, until: until?.getTime() ?? null })
  const [slices, rows] = await Promise.all([
    keptSlices(
      db,
      parts.filter(({ span }) => span !== null),
    ),
    sumsOfRows(
      db,
      parts.filter(({ span }) => span === null),
    ),
  ])
  const latest = new Map(rows.map((row) => [row.organization_id, row]))
  const found = new Map<string, Outcomes>()
  for (const one of slices) found.set(one.organization_id, outcomesIn(one, latest.get(one.organization_id)))
  for (const one of rows) if (!found.has(one.organization_id)) found.set(one.organization_id, outcomesIn(one))
  return found
}

function outcomesIn(one: Sums, other?: Sums): Outcomes {
  const waits = new Map<number, number>()
  for (const { buckets, counts } of other ? [one, other] : [one])
    buckets.forEach((bucket, at) => waits.set(bucket, (waits.get(bucket) ?? 0) + (counts[at] ?? 0)))
  const [waitP95 = null] = percentiles(waits, [0.95])
  return { completed: one.completed + (other?.completed ?? 0), failed: one.failed + (other?.failed ?? 0), waitP95 }
}

/** The latest answers, one for each range. */
const kept = new WeakMap<object, readonly { key: string; sums: Promise<Sums[]> }[]>()
const RANGES = Object.keys(SECONDS).length

function keptSlices(db: DbOrTx, parts: readonly Part[]): Promise<Sums[]> {
  const key = JSON.stringify(parts)
  const known = kept.get(db) ?? []
  const found = known.find((one) => one.key === key)
  if (found) return found.sums
  const one = { key, sums: sumsOfSlices(db, parts) }
  kept.set(db, [...known, one].slice(-RANGES))
  // What failed is asked for again.
  one.sums.catch(() =>
    kept.set(
      db,
      (kept.get(db) ?? []).filter((other) => other !== one),
    ),
  )
  return one.sums
}

/**
 * The sums of each organization over all its job types.
 *
 * With 10,000 organizations of which each has something in each five minutes it takes a second. To take the runs along,
 * as the pages of one organization do, took twice as long. The name of all types stands in the statement as text,
 * because the index metric_rollups_totals_idx holds only rows with it.
 */
async function sumsOfSlices(db: DbOrTx, parts: readonly Part[]): Promise<Sums[]> {
  if (parts.length === 0) return []
  return db.$queryRaw<Sums[]>`${statementName('platform_slices')}
    WITH slices AS MATERIALIZED (
      SELECT r.organization_id, r.completed, r.failed, r.buckets, r.counts
      FROM unnest(${parts.map(({ span }) => span)}::int[], ${times(parts, 'from')}::timestamptz[], ${times(parts, 'to')}::timestamptz[]) AS p(span, begin_at, end_at)
      JOIN metric_rollups r ON r.span_seconds = p.span AND r.at >= p.begin_at AND r.at < p.end_at
      WHERE r.job_type = ${Prisma.raw(`'${ALL_TYPES}'`)} AND r.organization_id <> ${ALL_ORGANIZATIONS}::uuid
    ), sums AS (SELECT organization_id, sum(completed)::int AS completed, sum(failed)::int AS failed FROM slices GROUP BY 1),
    fallen AS (
      SELECT organization_id, u.bucket, sum(u.count)::int AS count FROM slices CROSS JOIN LATERAL unnest(buckets, counts) AS u(bucket, count)
      WHERE u.bucket < ${RUN_BUCKETS}::int GROUP BY 1, 2
    )
    ${withHistograms}`
}

async function sumsOfRows(db: DbOrTx, stretches: readonly Stretch[]): Promise<Sums[]> {
  return db.$queryRaw<Sums[]>`${statementName('platform_rows')}
    WITH ended AS MATERIALIZED (
      SELECT organization_id, completed, width_bucket(wait, ${[...BUCKET_BOUNDS]}::double precision[])::smallint AS bucket
      FROM (${endedRows(stretches, { all: true })}) q
    ), sums AS (
      SELECT organization_id, (count(*) FILTER (WHERE completed))::int AS completed, (count(*) FILTER (WHERE NOT completed))::int AS failed
      FROM ended GROUP BY 1
    ), fallen AS (SELECT organization_id, bucket, count(*)::int AS count FROM ended GROUP BY 1, 2)
    ${withHistograms}`
}

const withHistograms = sql`
  SELECT organization_id, completed, failed, COALESCE(h.buckets, '{}') AS buckets, COALESCE(h.counts, '{}') AS counts
  FROM sums LEFT JOIN (SELECT organization_id, array_agg(bucket) AS buckets, array_agg(count) AS counts FROM fallen GROUP BY 1) h USING (organization_id)`
