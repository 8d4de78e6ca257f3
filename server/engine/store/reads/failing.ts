import { Prisma, type DbOrTx } from '@/server/db'
import { patternOf } from '../../domain/failure-pattern'
import type { MetricsRange, MetricsTime } from '../../domain/metrics-time'
import type { ErrorClass, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { ignoredOf, newSince, positionAfter } from './dead-letters'
import { organizationSource } from './filter'
import { firstBucket, trendOf, trendPoints } from './trend'

// What attempts fail of at present, grouped by cause.

const { sql } = Prisma
/** Seconds. */
const MINUTE = 60
const HOUR = 60 * MINUTE

/** How a range is cut: into 12 to 30 buckets, which are enough for a small chart beside a line of text. */
const CUTS: Record<MetricsRange, { seconds: number; buckets: number }> = {
  '1h': { seconds: 5 * MINUTE, buckets: 12 },
  '6h': { seconds: 15 * MINUTE, buckets: 24 },
  '24h': { seconds: HOUR, buckets: 24 },
  '7d': { seconds: 6 * HOUR, buckets: 28 },
  '30d': { seconds: 24 * HOUR, buckets: 30 },
}

/** How long a bucket between two moments may be. The shortest length is taken that makes at most `MOST_BUCKETS`. */
const LENGTHS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR]
const MOST_BUCKETS = 31

interface Cut {
  seconds: number
  buckets: number
  /** When the time begins and ends, as expressions. */
  first: Prisma.Sql
  end: Prisma.Sql
}

function cutOf(asked: MetricsTime): Cut {
  if ('range' in asked) {
    const cut = CUTS[asked.range]
    return { ...cut, first: firstBucket(cut.seconds, cut.buckets), end: sql`'infinity'::timestamptz` }
  }
  const { from, to } = asked
  const length = (to.getTime() - from.getTime()) / 1000
  const seconds = LENGTHS.find((one) => length / one <= MOST_BUCKETS) ?? LENGTHS.at(-1)!
  return {
    seconds,
    buckets: Math.ceil(length / seconds),
    first: sql`${from}::timestamptz`,
    end: sql`${to}::timestamptz`,
  }
}

/** A cause of failures in one organization and job type. */
export interface FailingCause {
  organizationId: string
  jobType: string
  errorFingerprint: string
  /** The newest message, with placeholders for what varies. */
  pattern: string
  /** The message and class of the newest. */
  errorMessage: string
  errorClass: ErrorClass
  /** How many attempts failed or timed out of it in the time. Where its jobs died without an attempt, how many jobs. */
  count: number
  counted: 'attempts' | 'jobs'
  trend: { bucketSeconds: number; points: { at: Date; count: number }[] }
  /** When it was first seen, where that was within the last 24 h. Null where it is older. */
  newSince: Date | null
  /** When it was first seen, also before the range, as far as attempts are kept. */
  firstSeenAt: Date
  lastSeenAt: Date
  /** The newest of its attempts or jobs. */
  sample: { jobId: string; at: Date }
  /** How many jobs are dead of it now. A retry brings them back. */
  dead: number
  open: OpenJobs
}

/** What is under way of the jobs that failed of a cause. All but those that run failed of it last. */
export interface OpenJobs {
  /** FAILED or TIMED_OUT: they are tried again by themselves. */
  retrying: number
  /** When the first of these is tried again, where that is planned for later than now. */
  nextRetryAt: Date | null
  /** PENDING or QUEUED, because a person retried them or their worker handed them back. */
  waiting: number
  /** Of a job that runs, any earlier attempt may have failed of the cause. */
  running: number
}

interface Row {
  organizationId: string
  jobType: string
  fingerprint: string
  count: number
  byAttempts: boolean
  dead: number
  first: Date
  last: Date
  jobId: string
  message: string
  class: ErrorClass
  begins: Date[]
  counts: number[]
  now: Date
  retrying: number
  nextRetryAt: Date | null
  waiting: number
  running: number
  place: bigint
}

/** Added to a cause's count once for each level of urgency, so that it comes before every cause of a lower level. */
const LEVEL = 1_000_000_000

/**
 * The causes of the attempts that failed or timed out within a time, and of the jobs that died in it. Those that a
 * person may have to look at come first: jobs are dead of them now, or they are new since a day. Then come those that
 * were seen within the last hour, and then the others, each with most first. Attempts are read from the index
 * `job_attempts_by_cause` alone, and dead letters from `jobs_dead` alone. A cause that has both is counted by its
 * attempts. Ignored causes are left out, unless `ignored` asks for them.
 */
export async function failingCauses(
  db: DbOrTx,
  { ignored = false, cursor, limit, ...asked }: MetricsTime & { ignored?: boolean; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<FailingCause>> {
  const [last, passed = '0'] = decodeCursor(cursor, /^[1-9]\d{0,9} \d{1,6}$/)?.split(' ') ?? []
  // What is counted begins where the first bucket of a trend does, so that a trend adds up to its count.
  const { seconds, buckets, first, end } = cutOf(asked)
  const isCause = (row: Prisma.Sql) =>
    sql`${row}.organization_id = c.organization_id AND ${row}.job_type = c.job_type AND ${row}.error_fingerprint = c.error_fingerprint`
  const rows = await db.$queryRaw<Row[]>`
    WITH start AS MATERIALIZED (SELECT ${first} AS at),
    failed AS (
      SELECT a.organization_id, a.job_type, a.error_fingerprint, (count(*) FILTER (WHERE a.ended_at >= (SELECT at FROM start) AND a.ended_at < ${end}))::int AS count,
        min(a.ended_at) AS first, max(a.ended_at) AS last
      FROM ${rowsByOrganization(scope, sql`job_attempts a`, sql`a.organization_id`, sql`a.error_fingerprint IS NOT NULL`, sql`a`)}
      GROUP BY a.organization_id, a.job_type, a.error_fingerprint
    ),
    died AS (
      SELECT d.organization_id, d.job_type, d.error_fingerprint, count(*)::int AS dead,
        (count(*) FILTER (WHERE d.finished_at >= (SELECT at FROM start) AND d.finished_at < ${end}))::int AS count, min(d.finished_at) AS first, max(d.finished_at) AS last
      FROM ${rowsByOrganization(scope, sql`jobs d`, sql`d.organization_id`, sql`d.status = 'DEAD_LETTER'`, sql`d`)}
      GROUP BY d.organization_id, d.job_type, d.error_fingerprint
    ),
    causes AS (
      SELECT organization_id, job_type, error_fingerprint, coalesce(f.count, d.count) AS count, coalesce(d.dead, 0) AS dead,
        least(f.first, d.first) AS first, greatest(f.last, d.last) AS last, f.last AS failed_at
      FROM failed f FULL JOIN died d USING (organization_id, job_type, error_fingerprint)
      WHERE coalesce(f.count, d.count) > 0
    ),
    placed AS (
      SELECT *, count + ${LEVEL}::bigint * CASE WHEN dead > 0 OR first >= clock_timestamp() - interval '24 hours' THEN 2
        WHEN last >= clock_timestamp() - interval '1 hour' THEN 1 ELSE 0 END AS place
      FROM causes
    ),
    page AS (
      SELECT c.* FROM placed c LEFT JOIN ignored_causes i ON ${isCause(sql`i`)}
      WHERE ${ignored ? sql`TRUE` : sql`${ignoredOf} IS NULL`} AND ${last === undefined ? sql`TRUE` : sql`c.place <= ${BigInt(last)}::bigint`}
      ORDER BY c.place DESC, c.organization_id, c.job_type, c.error_fingerprint LIMIT ${limit + 1} OFFSET ${Number(passed)}
    )
    SELECT c.organization_id AS "organizationId", c.job_type AS "jobType", c.error_fingerprint AS fingerprint, c.count,
      c.failed_at IS NOT NULL AS "byAttempts", c.dead, c.first, c.last,
      s.job_id AS "jobId", s.error_message AS message, s.error_class AS class, t.begins, t.counts, clock_timestamp() AS now, c.place,
      u.retrying, u.next AS "nextRetryAt", u.waiting, r.running
    FROM page c
    CROSS JOIN LATERAL (
      SELECT * FROM (
        (SELECT a.job_id, a.error_message, a.error_class FROM job_attempts a
          WHERE c.failed_at IS NOT NULL AND ${isCause(sql`a`)} AND a.ended_at = c.failed_at ORDER BY a.job_id DESC LIMIT 1)
        UNION ALL
        (SELECT d.id, d.error_message, d.error_class FROM jobs d
          WHERE c.failed_at IS NULL AND d.status = 'DEAD_LETTER' AND ${isCause(sql`d`)} AND d.finished_at = c.last ORDER BY d.id DESC LIMIT 1)) one
    ) s
    CROSS JOIN LATERAL (${trendOf(
      sql`(SELECT at FROM start)`,
      { seconds, buckets },
      (begin, until) => sql`
        SELECT CASE WHEN c.failed_at IS NULL
          THEN (SELECT count(*) FROM jobs d WHERE d.status = 'DEAD_LETTER' AND ${isCause(sql`d`)} AND d.finished_at >= ${begin} AND d.finished_at < least(${until}, ${end}))
          ELSE (SELECT count(*) FROM job_attempts a WHERE ${isCause(sql`a`)} AND a.ended_at >= ${begin} AND a.ended_at < least(${until}, ${end})) END`,
    )}) t
    CROSS JOIN LATERAL (
      SELECT (count(*) FILTER (WHERE u.status IN ('FAILED', 'TIMED_OUT')))::int AS retrying, (count(*) FILTER (WHERE u.status IN ('PENDING', 'QUEUED')))::int AS waiting,
        min(u.next_retry_at) FILTER (WHERE u.status IN ('FAILED', 'TIMED_OUT') AND u.next_retry_at > clock_timestamp()) AS next
      FROM jobs u WHERE ${isCause(sql`u`)} AND u.status IN ('FAILED', 'TIMED_OUT', 'PENDING', 'QUEUED')
    ) u
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS running FROM jobs r
      WHERE r.status = 'RUNNING' AND r.organization_id = c.organization_id AND r.job_type = c.job_type AND r.attempt > 1
        AND EXISTS (SELECT FROM job_attempts a WHERE a.job_id = r.id AND a.error_fingerprint = c.error_fingerprint)
    ) r
    ORDER BY c.place DESC, c.organization_id, c.job_type, c.error_fingerprint`
  return pageOf(
    rows,
    limit,
    (_, given) =>
      positionAfter(
        given.map(({ place }) => String(place)),
        last,
        Number(passed),
      ),
    (row) => ({
      organizationId: row.organizationId,
      jobType: row.jobType,
      errorFingerprint: row.fingerprint,
      pattern: patternOf(row.message),
      errorMessage: row.message,
      errorClass: row.class,
      count: row.count,
      counted: row.byAttempts ? 'attempts' : 'jobs',
      trend: {
        bucketSeconds: seconds,
        points: trendPoints(row),
      },
      newSince: newSince(row.first, row.now),
      firstSeenAt: row.first,
      lastSeenAt: row.last,
      sample: { jobId: row.jobId, at: row.last },
      dead: row.dead,
      open: {
        retrying: row.retrying,
        nextRetryAt: row.nextRetryAt,
        waiting: row.waiting,
        running: row.running,
      },
    }),
  )
}

/** The rows of a table for which `condition` holds. They are read one organization after the other, or all at once. */
const rowsByOrganization = (
  scope: Scope,
  table: Prisma.Sql,
  organization: Prisma.Sql,
  condition: Prisma.Sql,
  as: Prisma.Sql,
): Prisma.Sql =>
  'all' in scope
    ? sql`(SELECT * FROM ${table} WHERE ${condition}) ${as}`
    : sql`${organizationSource(scope)} CROSS JOIN LATERAL (SELECT * FROM ${table} WHERE ${organization} = o.id AND ${condition}) ${as}`
