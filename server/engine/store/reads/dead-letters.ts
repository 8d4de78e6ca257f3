import { Prisma, type DbOrTx } from '@/server/db'
import { patternOf } from '../../domain/failure-pattern'
import type { Actor, ErrorClass, Scope } from '../../domain/types'
import { stillIgnored } from '../cause-acts'
import { decodeCursor, pageOf, type Page } from './cursor'
import { organizationSource } from './filter'
import { firstBucket, trendOf, trendPoints } from './trend'

const { sql } = Prisma
const HOUR_SECONDS = 3_600

/** How a trend is cut, and how far back it goes; its last bucket is still filling. */
const TRENDS = {
  day: { seconds: 24 * HOUR_SECONDS, buckets: 14 },
  hour: { seconds: HOUR_SECONDS, buckets: 24 },
} as const
export type TrendBucket = keyof typeof TRENDS

/** What was last done about the dead letters of a cause. */
export interface LastAction {
  action: 'RETRY' | 'DELETE'
  by: Actor
  at: Date
  reason: string | null
  /** How many dead letters it was about. */
  jobs: number
  /** Of how many of them it is known what became of them: the first 200 that were retried. */
  followed: number
  completed: number
  deadAgain: number
}

/** Until when, or until more than how many in an hour, a cause is left out of the groups. */
export interface Ignored {
  until: Date | null
  perHour: number | null
  by: Actor
  reason: string
  at: Date
}

/** Dead letters of one organization that died of the same. */
export interface DeadLetterGroup {
  organizationId: string
  /** The job type of the newest. */
  jobType: string
  /** All of its job types, the one with most first. A cause may be ignored for some of them only. */
  jobTypes: { jobType: string; count: number; ignored: boolean }[]
  errorFingerprint: string
  /** The newest message, with placeholders for what varies. */
  pattern: string
  /** The message and class of the newest. */
  errorMessage: string
  errorClass: ErrorClass
  count: number
  firstSeenAt: Date
  lastSeenAt: Date
  /** When an attempt first failed of it, where that was within the last 24 h. */
  newSince: Date | null
  trend: { bucketSeconds: number; points: { at: Date; count: number }[] }
  /** The newest of them. */
  sample: { jobId: string; message: string; at: Date }
  /** Null where nothing was done. */
  lastAction: LastAction | null
  /** Null where it is not ignored, or not for all of its job types. */
  ignored: Ignored | null
}

export interface GroupsQuery {
  jobType?: string
  errorFingerprint?: string
  sort?: 'lastSeen' | 'count'
  bucket?: TrendBucket
  /** `cause`: one group for all job types that died of the same. */
  by?: 'type' | 'cause'
  /** True: ignored causes too. `only`: nothing but these, with the job types for which they are ignored. */
  ignored?: boolean | 'only'
  cursor?: string
  limit: number
}

interface GroupRow {
  organizationId: string
  jobType: string
  jobTypes: DeadLetterGroup['jobTypes']
  fingerprint: string
  count: number
  firstSeenAt: Date
  lastSeenAt: Date
  /** When an attempt first failed of it. Null where no such attempt is kept. */
  begun: Date | null
  /** The trend (`trendOf`): when each bucket begins, and how many died in it. */
  begins: Date[]
  counts: number[]
  jobId: string
  message: string
  class: ErrorClass
  lastAction: Stored<LastAction> | null
  ignored: Stored<Ignored> | null
  now: Date
}

/** A type as JSON keeps it: its dates are texts. */
type Stored<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] }

/**
 * What dead letters died of, the group first that was seen last, or that has most. Counts and times come from one
 * index alone; only the newest job of each group on the page is read.
 */
export async function deadLetterGroups(
  db: DbOrTx,
  {
    jobType,
    errorFingerprint,
    sort = 'lastSeen',
    bucket = 'day',
    by = 'type',
    ignored = false,
    cursor,
    limit,
  }: GroupsQuery,
  scope: Scope,
): Promise<Page<DeadLetterGroup>> {
  const order = ORDERS[sort]
  // A cursor holds the time or count of the last group, and how many groups with the same one were given out already.
  // These are passed by OFFSET.
  const [last, passed = '0'] = decodeCursor(cursor, order.shape, order.possible)?.split(' ') ?? []
  const { seconds, buckets } = TRENDS[bucket]
  // Type by type: for a list of them the planner takes an index that knows neither type nor time.
  const ofGroup = sql`j.status = 'DEAD_LETTER' AND j.organization_id = g.organization_id AND j.job_type = k.name AND j.error_fingerprint = g.error_fingerprint`
  const rows = await db.$queryRaw<GroupRow[]>`
    WITH start AS MATERIALIZED (SELECT ${firstBucket(seconds, buckets)} AS at), ${causes(scope, { jobType, errorFingerprint })},
    groups AS (
      SELECT c.organization_id, c.error_fingerprint, (array_agg(c.job_type ORDER BY c.last DESC, c.job_type))[1] AS job_type,
        array_agg(c.job_type) AS types, sum(c.count)::int AS count, min(c.first) AS first, max(c.last) AS last,
        jsonb_agg(jsonb_build_object('jobType', c.job_type, 'count', c.count, 'ignored', c.ignored IS NOT NULL) ORDER BY c.count DESC, c.job_type) AS job_types,
        CASE WHEN bool_and(c.ignored IS NOT NULL) THEN (array_agg(c.ignored ORDER BY c.last DESC))[1] END AS ignored
      FROM causes c WHERE ${ignored === true ? sql`TRUE` : sql`(c.ignored IS NOT NULL) = ${ignored === 'only'}`}
      GROUP BY c.organization_id, c.error_fingerprint ${by === 'type' ? sql`, c.job_type` : Prisma.empty}
    ),
    page AS (
      SELECT * FROM groups WHERE ${last === undefined ? sql`TRUE` : order.from(last)}
      ORDER BY ${order.column} DESC, organization_id, job_type, error_fingerprint LIMIT ${limit + 1} OFFSET ${Number(passed)}
    )
    SELECT g.organization_id AS "organizationId", g.job_type AS "jobType", g.job_types AS "jobTypes", g.error_fingerprint AS fingerprint, g.count,
      g.first AS "firstSeenAt", g.last AS "lastSeenAt", b.begun, t.begins, t.counts, clock_timestamp() AS now,
      s.id AS "jobId", s.error_message AS message, s.error_class AS class, a.act AS "lastAction", g.ignored
    FROM page g
    CROSS JOIN LATERAL (${trendOf(
      sql`(SELECT at FROM start)`,
      { seconds, buckets },
      (from, to) =>
        sql`
        SELECT coalesce(sum(n.count), 0) FROM unnest(g.types) AS k(name) CROSS JOIN LATERAL (
          SELECT count(*) AS count FROM jobs j WHERE ${ofGroup} AND j.finished_at >= ${from} AND j.finished_at < ${to}) n`,
    )}) t
    CROSS JOIN LATERAL (
      SELECT n.* FROM unnest(g.types) AS k(name) CROSS JOIN LATERAL (
        SELECT j.id, j.error_message, j.error_class FROM jobs j WHERE ${ofGroup} AND j.finished_at = g.last ORDER BY j.id DESC LIMIT 1) n
      ORDER BY n.id DESC LIMIT 1
    ) s
    CROSS JOIN LATERAL (SELECT ${firstFailure(sql`g.organization_id`, sql`g.types`, sql`g.error_fingerprint`)} AS begun) b
    LEFT JOIN LATERAL (${lastAct}) a ON TRUE
    ORDER BY ${order.column} DESC, g.organization_id, g.job_type, g.error_fingerprint`
  return pageOf(
    rows,
    limit,
    (_, given) => positionAfter(given.map(order.value), last, Number(passed)),
    (row) => toGroup(row, bucket),
  )
}

/** Figures over all dead letters of a scope. */
export interface DeadLetterFigures {
  dead: number
  /**
   * Groups (organization, job type, fingerprint) of which nothing had failed more than 24 h ago, without ignored ones.
   */
  newCauses24h: number
  /** When the one died that has been there for longest. */
  oldestAt: Date | null
}

/** How many are dead, how many causes are new, and since when the oldest waits for somebody. */
export async function deadLetterFigures(db: DbOrTx, scope: Scope): Promise<DeadLetterFigures> {
  const [row] = await db.$queryRaw<DeadLetterFigures[]>`
    WITH day_ago AS MATERIALIZED (SELECT clock_timestamp() - interval '1 day' AS at), ${causes(scope, {})}
    SELECT coalesce(sum(count), 0)::int AS dead, min(first) AS "oldestAt",
      (count(*) FILTER (WHERE ignored IS NULL AND first >= ${dayAgo} AND NOT EXISTS (
        SELECT 1 FROM job_attempts a WHERE a.organization_id = c.organization_id AND a.job_type = c.job_type
          AND a.error_fingerprint = c.error_fingerprint AND a.ended_at < ${dayAgo})))::int AS "newCauses24h"
    FROM causes c`
  return row!
}

/** A value that was read once: with the clock itself, which changes, no index is walked. */
const dayAgo = sql`(SELECT at FROM day_ago)`

/** CTE `causes`: one row for each organization, job type and fingerprint, with what ignores it. */
function causes(
  scope: Scope,
  { jobType, errorFingerprint }: Pick<GroupsQuery, 'jobType' | 'errorFingerprint'>,
): Prisma.Sql {
  const dead = sql`j.status = 'DEAD_LETTER' AND ${jobType === undefined ? sql`TRUE` : sql`j.job_type = ${jobType}`}
    AND ${errorFingerprint === undefined ? sql`TRUE` : sql`j.error_fingerprint = ${errorFingerprint}`}`
  const source =
    'all' in scope
      ? sql`(SELECT * FROM jobs j WHERE ${dead}) d`
      : sql`${organizationSource(scope)} CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.organization_id = o.id AND ${dead}) d`
  return sql`
    counted AS (
      SELECT d.organization_id, d.job_type, d.error_fingerprint, count(*)::int AS count, min(d.finished_at) AS first, max(d.finished_at) AS last
      FROM ${source} GROUP BY d.organization_id, d.job_type, d.error_fingerprint
    ),
    causes AS (
      SELECT c.*, ${ignoredOf} AS ignored FROM counted c LEFT JOIN ignored_causes i
        ON i.organization_id = c.organization_id AND i.job_type = c.job_type AND i.error_fingerprint = c.error_fingerprint
    )`
}

/** What ignores it as JSON, of a row `i` of ignored_causes; null where nothing does any more. */
export const ignoredOf = sql`CASE WHEN i.organization_id IS NOT NULL AND ${stillIgnored} THEN
  jsonb_build_object('until', i.until, 'perHour', i.per_hour, 'by', i.ignored_by, 'reason', i.reason, 'at', i.ignored_at) END`

/** When an attempt of these job types first failed of it, as far as attempts are kept. */
const firstFailure = (organizationId: Prisma.Sql, types: Prisma.Sql, fingerprint: Prisma.Sql): Prisma.Sql => sql`(
  SELECT min(f.ended_at) FROM unnest(${types}) AS k(name) CROSS JOIN LATERAL (
    SELECT a.ended_at FROM job_attempts a
    WHERE a.organization_id = ${organizationId} AND a.job_type = k.name AND a.error_fingerprint = ${fingerprint}
    ORDER BY a.ended_at LIMIT 1) f)`

/** The last act about a row `g`; its parts in several job types are one. */
const lastAct = sql`
  SELECT jsonb_build_object('action', l.kind, 'by', l.acted_by, 'reason', l.reason, 'at', max(p.at), 'jobs', sum(p.jobs),
    'followed', sum(f.followed), 'completed', sum(f.completed), 'deadAgain', sum(f.dead)) AS act
  FROM (
    SELECT * FROM cause_acts x WHERE x.organization_id = g.organization_id AND x.error_fingerprint = g.error_fingerprint AND x.job_type = ANY(g.types)
    ORDER BY x.at DESC LIMIT 1) l
  JOIN cause_acts p ON p.organization_id = l.organization_id AND p.error_fingerprint = l.error_fingerprint AND p.job_type = ANY(g.types) AND p.act_id = l.act_id
  CROSS JOIN LATERAL (
    SELECT count(*) AS followed, count(*) FILTER (WHERE j.status = 'COMPLETED') AS completed, count(*) FILTER (WHERE j.status = 'DEAD_LETTER') AS dead
    FROM cause_act_jobs i LEFT JOIN jobs j ON j.id = i.job_id
    WHERE i.organization_id = p.organization_id AND i.job_type = p.job_type AND i.error_fingerprint = p.error_fingerprint) f
  GROUP BY l.kind, l.acted_by, l.reason`

interface Order {
  column: Prisma.Sql
  from: (last: string) => Prisma.Sql
  value: (row: GroupRow) => string
  shape: RegExp
  possible?: (key: string) => boolean
}

const ORDERS: Record<NonNullable<GroupsQuery['sort']>, Order> = {
  lastSeen: {
    column: sql`last`,
    from: (last) => sql`last <= ${last}::timestamptz`,
    value: ({ lastSeenAt }) => lastSeenAt.toISOString(),
    shape: /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d{1,6}$/,
    possible: startsWithTime,
  },
  count: {
    column: sql`count`,
    from: (last) => sql`count <= ${Number(last)}::int`,
    value: ({ count }) => String(count),
    shape: /^[1-9]\d{0,8} \d{1,6}$/,
  },
}

/** The value of the last group so far, and how many of that value have been given out, on earlier pages too. */
export function positionAfter(values: readonly string[], last: string | undefined, passed: number): string {
  const value = values.at(-1)!
  return `${value} ${values.filter((each) => each === value).length + (value === last ? passed : 0)}`
}

function toGroup(row: GroupRow, bucket: TrendBucket): DeadLetterGroup {
  const { organizationId, jobType, jobTypes, fingerprint, count, firstSeenAt, lastSeenAt, begun, message, ignored } =
    row
  const { seconds } = TRENDS[bucket]
  const first = begun !== null && begun < firstSeenAt ? begun : firstSeenAt
  const action = row.lastAction
  return {
    organizationId,
    jobType,
    jobTypes,
    errorFingerprint: fingerprint,
    pattern: patternOf(message),
    errorMessage: message,
    errorClass: row.class,
    count,
    firstSeenAt,
    lastSeenAt,
    newSince: newSince(first, row.now),
    trend: { bucketSeconds: seconds, points: trendPoints(row) },
    sample: { jobId: row.jobId, message, at: lastSeenAt },
    lastAction: action && { ...action, at: new Date(action.at) },
    ignored: toIgnored(ignored),
  }
}

/** A cause is new for a day. */
export const newSince = (first: Date, now: Date): Date | null =>
  now.getTime() - first.getTime() <= 24 * HOUR_SECONDS * 1000 ? first : null

/** `ignoredOf`, with its dates as Date. */
export const toIgnored = (stored: Stored<Ignored> | null): Ignored | null =>
  stored && { ...stored, until: stored.until === null ? null : new Date(stored.until), at: new Date(stored.at) }

/** Whether a cursor begins with a moment that exists. ORDERS.lastSeen.shape also fits a 30th of February. */
function startsWithTime(key: string): boolean {
  const time = new Date(key.slice(0, 24))
  return !Number.isNaN(time.getTime()) && key.startsWith(time.toISOString())
}
