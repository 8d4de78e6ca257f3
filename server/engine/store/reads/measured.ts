import { Prisma } from '@/server/db'
import { BUCKET_BOUNDS } from '../../domain/histogram'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import type { Part, Stretch } from '../../domain/slices'
import type { Scope } from '../../domain/types'
import { organizationSource } from './filter'

// Pieces of statements that count attempts and measure how long they waited and ran.

type Sql = Prisma.Sql
const { sql, join, empty } = Prisma

/** In the table of sums, this id stands for all organizations together, and an empty name for all job types. */
export const ALL_ORGANIZATIONS = '00000000-0000-0000-0000-000000000000'
export const ALL_TYPES = ''
/**
 * One array holds two histograms. The buckets of waits have their own numbers, those of runs have this number added.
 */
export const RUN_BUCKETS = 1_000

/** Milliseconds. A transaction that is open for longer is not waited for when sums are made. */
export const LONGEST_TRANSACTION_MS = 60 * 60_000

/** The start of the slice that a time lies in. */
export const sliceAt = (at: Sql, seconds: number): Sql =>
  sql`date_bin(make_interval(secs => ${seconds}::int), ${at}, timestamptz '1970-01-01 00:00:00+00')`

/**
 * Stretches of time as a table p(begin_at, end_at). The statement has the same text for any number of them, so it is
 * planned once.
 */
const stretchTable = (stretches: readonly Stretch[]): Sql =>
  sql`unnest(${times(stretches, 'from')}::timestamptz[], ${times(stretches, 'to')}::timestamptz[]) AS p(begin_at, end_at)`
/** The beginnings or the ends of some stretches, as PostgreSQL reads them. */
export const times = (stretches: readonly Stretch[], end: keyof Stretch): string[] =>
  stretches.map((stretch) => new Date(stretch[end]).toISOString())

/**
 * Attempts that ended within stretches of time, read by index for one organization after the other. An attempt has an
 * outcome where its handler ended by itself or by its timeout.
 */
export function endedRows(stretches: readonly Stretch[], scope: Scope): Sql {
  return sql`
    SELECT a.organization_id, a.job_type, a.ended_at AS at, a.outcome = 'COMPLETED' AS completed,
      greatest(0, extract(epoch FROM a.started_at - a.ready_at))::double precision AS wait,
      greatest(0, extract(epoch FROM a.ended_at - a.started_at))::double precision AS run
    FROM ${stretchTable(stretches)} CROSS JOIN ${organizationSource(scope)} CROSS JOIN LATERAL (
      SELECT * FROM job_attempts a WHERE a.organization_id = o.id AND a.ended_at >= p.begin_at AND a.ended_at < p.end_at
        AND a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')) a`
}

/**
 * Jobs that were submitted within stretches of time. Their ids begin with about that time, so only a part of the index
 * is read. `created_at` is when the transaction of the submission began, and the id is made in the course of it, so ids
 * may be later by as long as a transaction lasts.
 */
export function submittedRows(stretches: readonly Stretch[], scope: Scope): Sql {
  const lowest = stretches.map(({ from }) => idAt(from - CLOCK_SKEW_MS))
  const highest = stretches.map(({ to }) => idAt(to + LONGEST_TRANSACTION_MS + CLOCK_SKEW_MS))
  return sql`
    SELECT i.organization_id, i.job_type, i.created_at AS at
    FROM unnest(${times(stretches, 'from')}::timestamptz[], ${times(stretches, 'to')}::timestamptz[], ${lowest}::uuid[], ${highest}::uuid[])
      AS p(begin_at, end_at, lowest, highest)
    CROSS JOIN ${organizationSource(scope)} CROSS JOIN LATERAL (
      SELECT * FROM job_inputs i WHERE i.organization_id = o.id AND i.job_id >= p.lowest AND i.job_id < p.highest
        AND i.created_at >= p.begin_at AND i.created_at < p.end_at) i`
}

/** Sums of these parts of time. `types` asks for one sum for each job type, instead of one for all together. */
export function rollupRows(parts: readonly Part[], scope: Scope, types: Grain['types']): Sql {
  const spans = parts.map(({ span }) => span)
  const organizations = 'all' in scope ? sql`(SELECT ${ALL_ORGANIZATIONS}::uuid AS id) AS o` : organizationSource(scope)
  const names =
    types === 'each' ? sql`(SELECT name FROM job_types) AS t` : sql`(SELECT ${ALL_TYPES}::text AS name) AS t`
  return sql`
    SELECT r.* FROM unnest(${spans}::int[], ${times(parts, 'from')}::timestamptz[], ${times(parts, 'to')}::timestamptz[]) AS p(span, begin_at, end_at)
    CROSS JOIN ${organizations} CROSS JOIN ${names} CROSS JOIN LATERAL (
      SELECT * FROM metric_rollups r WHERE r.organization_id = o.id AND r.span_seconds = p.span AND r.job_type = t.name
        AND r.at >= p.begin_at AND r.at < p.end_at) r`
}

/** The queries over which sums are made: slices that were added up before, attempts that ended, and submissions. */
export interface Sources {
  slices: Sql
  ended: Sql
  submitted: Sql
}

/**
 * What a sum is made for. `slice` is the length of slices in seconds, and null takes all times together. `totals` adds
 * sums for all organizations and for all types.
 */
export interface Grain {
  organizations: 'each' | 'together'
  types: 'each' | 'together'
  slice: number | null
  totals?: boolean
}

/**
 * The columns that sums are grouped by: their names one by one, and lists of expressions over a row (`computed`) and of
 * names (`listed`). Both lists end with a comma, or are empty.
 */
export function keysOf({ organizations, types, slice }: Grain): { names: readonly Sql[]; computed: Sql; listed: Sql } {
  const keys = [
    ...(organizations === 'each' ? [{ name: sql`organization_id`, of: sql`organization_id` }] : []),
    ...(types === 'each' ? [{ name: sql`job_type`, of: sql`job_type` }] : []),
    ...(slice === null ? [] : [{ name: sql`at`, of: sliceAt(sql`at`, slice) }]),
  ]
  const names = keys.map(({ name }) => name)
  return {
    names,
    computed: keys.length > 0 ? sql`${join(keys.map(({ name, of }) => sql`${of} AS ${name}`))},` : empty,
    listed: names.length > 0 ? sql`${join(names)},` : empty,
  }
}

/**
 * CTEs, of which the last is `measured`. It has counts and seconds over all sources, and how many attempts fell into
 * each bucket, by the columns of the grain.
 */
export function measured({ slices, ended, submitted }: Sources, grain: Grain): Sql {
  const { names, computed, listed } = keysOf(grain)
  const { sets, grouped } = groupingOf(grain)
  const bounds = sql`${[...BUCKET_BOUNDS]}::double precision[]`
  return sql`
    slices AS MATERIALIZED (SELECT ${computed} submitted, completed, failed, wait_seconds, run_seconds, buckets, counts FROM (${slices}) q),
    ended AS MATERIALIZED (
      SELECT ${computed} completed, wait, run, width_bucket(wait, ${bounds})::smallint AS wait_bucket,
        (width_bucket(run, ${bounds}) + ${RUN_BUCKETS}::int)::smallint AS run_bucket
      FROM (${ended}) q
    ),
    sums AS (
      SELECT ${grouped} coalesce(sum(submitted), 0)::int AS submitted, coalesce(sum(completed), 0)::int AS completed,
        coalesce(sum(failed), 0)::int AS failed, coalesce(sum(wait), 0) AS wait_seconds, coalesce(sum(run), 0) AS run_seconds
      FROM (
        SELECT ${listed} submitted, completed, failed, wait_seconds AS wait, run_seconds AS run FROM slices
        UNION ALL SELECT ${listed} 0, completed::int, (NOT completed)::int, wait, run FROM ended
        UNION ALL SELECT ${computed} 1, 0, 0, 0, 0 FROM (${submitted}) q) q
      GROUP BY ${sets}
    ),
    fallen AS (
      SELECT ${grouped} bucket, sum(count)::int AS count
      FROM (
        SELECT ${listed} u.bucket, u.count FROM slices CROSS JOIN LATERAL unnest(buckets, counts) AS u(bucket, count)
        UNION ALL SELECT ${listed} wait_bucket, 1 FROM ended
        UNION ALL SELECT ${listed} run_bucket, 1 FROM ended) q
      GROUP BY ${names.length > 0 ? sql`bucket, ${sets}` : sql`bucket`}
    ),
    histograms AS (SELECT ${listed} array_agg(bucket ORDER BY bucket) AS buckets, array_agg(count ORDER BY bucket) AS counts FROM fallen GROUP BY ${groupBy(names)}),
    measured AS (
      SELECT ${listed} submitted, completed, failed, wait_seconds, run_seconds, coalesce(buckets, '{}') AS buckets, coalesce(counts, '{}') AS counts
      FROM sums LEFT JOIN histograms ${names.length > 0 ? sql`USING (${join(names)})` : sql`ON TRUE`}
    )`
}

const groupBy = (names: readonly Sql[]): Sql => (names.length > 0 ? join([...names]) : sql`()`)

/** What the sums are grouped by, and the columns of a group. With totals, null in a column stands for all. */
function groupingOf(grain: Grain): { sets: Sql; grouped: Sql } {
  const { names, listed } = keysOf(grain)
  if (!grain.totals) return { sets: groupBy(names), grouped: listed }
  return {
    sets: sql`GROUPING SETS ((organization_id, job_type, at), (organization_id, at), (job_type, at), (at))`,
    grouped: sql`coalesce(organization_id, ${ALL_ORGANIZATIONS}::uuid) AS organization_id, coalesce(job_type, ${ALL_TYPES}) AS job_type, at,`,
  }
}
