import { Prisma, type DbOrTx } from '@/server/db'
import type { ErrorClass, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { organizationSource } from './filter'
import { sliceAt } from './measured'

const { sql } = Prisma
const DAY_SECONDS = 86_400
/** The days of a trend. The last of them is not over yet. */
const TREND_DAYS = 14

/** Dead letters of one organization and job type with the same error. */
export interface DeadLetterGroup {
  organizationId: string
  jobType: string
  errorFingerprint: string
  /** The message of the newest of them. */
  errorMessage: string
  errorClass: ErrorClass
  count: number
  firstSeenAt: Date
  lastSeenAt: Date
  trend: { bucketSeconds: number; points: { at: Date; count: number }[] }
  /** The newest of them. */
  sample: { jobId: string; message: string; at: Date }
}

interface GroupRow {
  organizationId: string
  jobType: string
  fingerprint: string
  count: number
  firstSeenAt: Date
  lastSeenAt: Date
  days: Date[]
  counts: number[]
  jobId: string
  message: string
  class: ErrorClass
  now: Date
}

/**
 * Dead letters grouped by their error, the group that was seen last first. Counts and times are read from one index
 * alone. Only the newest job of each group on the page is read itself.
 */
export async function deadLetterGroups(
  db: DbOrTx,
  { jobType, cursor, limit }: { jobType?: string; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<DeadLetterGroup>> {
  // Groups that were seen last in the same millisecond are told apart by their number.
  const [last, passed = '0'] =
    decodeCursor(cursor, /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d{1,6}$/, startsWithTime)?.split(' ') ?? []
  const dead = sql`j.status = 'DEAD_LETTER' AND ${jobType === undefined ? sql`TRUE` : sql`j.job_type = ${jobType}`}`
  const ofGroup = sql`j.status = 'DEAD_LETTER' AND j.organization_id = g.organization_id AND j.job_type = g.job_type AND j.error_fingerprint = g.error_fingerprint`
  const rows = await db.$queryRaw<GroupRow[]>`
    WITH groups AS (
      SELECT d.organization_id, d.job_type, d.error_fingerprint, count(*)::int AS count, min(d.finished_at) AS first, max(d.finished_at) AS last
      FROM ${
        'all' in scope
          ? sql`(SELECT * FROM jobs j WHERE ${dead}) d`
          : sql`${organizationSource(scope)} CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.organization_id = o.id AND ${dead}) d`
      }
      GROUP BY d.organization_id, d.job_type, d.error_fingerprint
    ),
    page AS (
      SELECT * FROM groups WHERE ${last === undefined ? sql`TRUE` : sql`last <= ${last}::timestamptz`}
      ORDER BY last DESC, organization_id, job_type, error_fingerprint LIMIT ${limit + 1} OFFSET ${Number(passed)}
    )
    SELECT g.organization_id AS "organizationId", g.job_type AS "jobType", g.error_fingerprint AS fingerprint, g.count,
      g.first AS "firstSeenAt", g.last AS "lastSeenAt", t.days, t.counts, clock_timestamp() AS now,
      s.id AS "jobId", s.error_message AS message, s.error_class AS class
    FROM page g
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(day), '{}') AS days, coalesce(array_agg(count), '{}') AS counts FROM (
        SELECT ${sliceAt(sql`j.finished_at`, DAY_SECONDS)} AS day, count(*)::int AS count FROM jobs j
        WHERE ${ofGroup} AND j.finished_at >= clock_timestamp() - make_interval(days => ${TREND_DAYS}::int) GROUP BY 1) d
    ) t
    CROSS JOIN LATERAL (
      SELECT j.id, j.error_message, j.error_class FROM jobs j WHERE ${ofGroup} AND j.finished_at = g.last ORDER BY j.id DESC LIMIT 1
    ) s
    ORDER BY g.last DESC, g.organization_id, g.job_type, g.error_fingerprint`
  return pageOf(rows, limit, (_, given) => positionAfter(given, last, Number(passed)), toGroup)
}

/** The time of the last group so far, and how many groups with this time have been given out, on earlier pages too. */
function positionAfter(given: readonly GroupRow[], last: string | undefined, passed: number): string {
  const at = given.at(-1)!.lastSeenAt.toISOString()
  const same = given.filter(({ lastSeenAt }) => lastSeenAt.toISOString() === at).length
  return `${at} ${same + (at === last ? passed : 0)}`
}

function toGroup(row: GroupRow): DeadLetterGroup {
  const { organizationId, jobType, fingerprint, count, firstSeenAt, lastSeenAt, message } = row
  const today = Math.floor(row.now.getTime() / 1000 / DAY_SECONDS) * DAY_SECONDS * 1000
  const countOn = new Map(row.days.map((day, index) => [day.getTime(), row.counts[index] ?? 0]))
  const points = Array.from({ length: TREND_DAYS }, (_, index) => {
    const at = new Date(today - (TREND_DAYS - 1 - index) * DAY_SECONDS * 1000)
    return { at, count: countOn.get(at.getTime()) ?? 0 }
  })
  return {
    organizationId,
    jobType,
    errorFingerprint: fingerprint,
    errorMessage: message,
    errorClass: row.class,
    count,
    firstSeenAt,
    lastSeenAt,
    trend: { bucketSeconds: DAY_SECONDS, points },
    sample: { jobId: row.jobId, message, at: lastSeenAt },
  }
}

/** False for a date that does not exist, such as 30 February. */
function startsWithTime(key: string): boolean {
  const time = new Date(key.slice(0, 24))
  return !Number.isNaN(time.getTime()) && key.startsWith(time.toISOString())
}
