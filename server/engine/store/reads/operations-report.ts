import { Prisma } from '@/server/db'
import { idAt } from '../../domain/id-time'
import type { Ask } from './stoppable'

// Reads what the operations report tells of an organization.

/** What a report is about. */
export interface ReportPeriod {
  from: Date
  to: Date
  /** Where each hour or day of it begins, in order; the first at `from` or before. */
  starts: Date[]
}

/**
 * Counts and run times of one organization over a period. Run times are in seconds. `byStatus` and `byType` count the
 * jobs that were submitted in it, by their status now. All else, with the run times, is about the attempts that ended
 * in it.
 */
export interface OrganizationReport {
  byStatus: { status: string; count: number }[]
  byType: {
    jobType: string
    total: number
    completed: number
    /** Jobs that are FAILED, TIMED_OUT or DEAD_LETTER now. */
    failed: number
    /** Null where no attempt of it ended, as `p95RunSeconds` is. */
    avgRunSeconds: number | null
    p95RunSeconds: number | null
  }[]
  /** Attempts (not jobs) by hour or day. One entry for each of `starts`, also where nothing happened. */
  timeline: { at: Date; completed: number; failed: number }[]
  topErrors: { jobType: string; message: string; count: number; lastSeenAt: Date }[]
  /** How many causes there are beside those of `topErrors`, and how many attempts failed of them. */
  otherErrors: { causes: number; count: number }
}

/** How many causes are named. The others are added up. */
const TOP_ERRORS = 10
const FAILING = ['FAILED', 'TIMED_OUT', 'DEAD_LETTER']
const { sql } = Prisma

/**
 * PostgreSQL groups the rows, so that a million jobs take no memory here. Submitted jobs are found by their ids, which
 * sort by time, and attempts by their end. The statements go one after the other: a report is in no hurry, and should
 * not take two cores from those who are.
 */
export async function readOperationsReport(
  ask: Ask,
  organizationId: string,
  { from, to, starts }: ReportPeriod,
): Promise<OrganizationReport> {
  const organization = sql`${organizationId}::uuid`
  const ended = sql`a.organization_id = ${organization} AND a.ended_at >= ${from} AND a.ended_at < ${to}`
  const counts = await ask<{ jobType: string; status: string; count: number }>(sql`
    SELECT i.job_type AS "jobType", j.status::text AS status, count(*)::int AS count
    FROM job_inputs i JOIN jobs j ON j.id = i.job_id
    WHERE i.organization_id = ${organization}
      AND i.job_id >= ${idAt(from.getTime())}::uuid AND i.job_id < ${idAt(to.getTime())}::uuid
    GROUP BY 1, 2`)
  const runs = await ask<{ jobType: string; mean: number; p95: number }>(sql`
    SELECT job_type AS "jobType", avg(seconds)::float8 AS mean, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
    FROM (
      SELECT a.job_type, extract(epoch FROM a.ended_at - a.started_at)::float8 AS seconds
      FROM job_attempts a WHERE ${ended} AND a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')
    ) attempts GROUP BY 1`)
  const outcomes = await ask<{ place: number; completed: number; failed: number }>(sql`
    SELECT width_bucket(a.ended_at, ${starts.map((at) => at.toISOString())}::text[]::timestamptz[]) - 1 AS place,
      (count(*) FILTER (WHERE a.outcome = 'COMPLETED'))::int AS completed,
      (count(*) FILTER (WHERE a.outcome IN ('FAILED', 'TIMED_OUT')))::int AS failed
    FROM job_attempts a WHERE ${ended} GROUP BY 1`)
  // The message of a cause is read for the few that are shown, and not for each of its attempts.
  const errors = await ask<OrganizationReport['topErrors'][number] & { causes: number; all: number }>(sql`
    SELECT top."jobType", latest.message, top.count, top."lastSeenAt", top.causes, top.all
    FROM (
      SELECT a.job_type AS "jobType", a.error_fingerprint AS fingerprint, count(*)::int AS count,
        max(a.ended_at) AS "lastSeenAt", (count(*) OVER ())::int AS causes, (sum(count(*)) OVER ())::int AS all
      FROM job_attempts a
      WHERE ${ended} AND a.outcome IN ('FAILED', 'TIMED_OUT') AND a.error_message IS NOT NULL
      GROUP BY a.job_type, a.error_fingerprint ORDER BY 3 DESC, 4 DESC LIMIT ${TOP_ERRORS}
    ) top CROSS JOIN LATERAL (
      SELECT a.error_message AS message FROM job_attempts a
      WHERE a.organization_id = ${organization} AND a.job_type = top."jobType"
        AND a.error_fingerprint IS NOT DISTINCT FROM top.fingerprint AND a.ended_at = top."lastSeenAt"
        AND a.error_message IS NOT NULL
      LIMIT 1
    ) latest ORDER BY 3 DESC, 4 DESC`)
  const byPlace = new Map(outcomes.map((outcome) => [outcome.place, outcome]))
  const shown = errors.reduce((sum, { count }) => sum + count, 0)
  return {
    byStatus: summed(counts, ({ status }) => status)
      .map(([status, rows]) => ({ status, count: total(rows) }))
      .sort((a, b) => b.count - a.count || (a.status < b.status ? -1 : 1)),
    byType: typesOf(counts, runs),
    timeline: starts.map((at, place) => ({
      at,
      completed: byPlace.get(place)?.completed ?? 0,
      failed: byPlace.get(place)?.failed ?? 0,
    })),
    topErrors: errors.map(({ jobType, message, count, lastSeenAt }) => ({ jobType, message, count, lastSeenAt })),
    otherErrors: { causes: (errors[0]?.causes ?? 0) - errors.length, count: (errors[0]?.all ?? 0) - shown },
  }
}

interface Count {
  jobType: string
  status: string
  count: number
}

const total = (rows: readonly Count[]): number => rows.reduce((sum, { count }) => sum + count, 0)

function summed(counts: readonly Count[], key: (row: Count) => string): [string, Count[]][] {
  const groups = new Map<string, Count[]>()
  for (const row of counts) groups.set(key(row), [...(groups.get(key(row)) ?? []), row])
  return [...groups]
}

/** Every job type of which jobs were submitted or attempts ended, those with most jobs first. */
function typesOf(
  counts: readonly Count[],
  runs: readonly { jobType: string; mean: number; p95: number }[],
): OrganizationReport['byType'] {
  const byType = new Map(summed(counts, ({ jobType }) => jobType))
  const runOf = new Map(runs.map((run) => [run.jobType, run]))
  return [...new Set([...byType.keys(), ...runOf.keys()])]
    .map((jobType) => {
      const rows = byType.get(jobType) ?? []
      const run = runOf.get(jobType)
      return {
        jobType,
        total: total(rows),
        completed: total(rows.filter(({ status }) => status === 'COMPLETED')),
        failed: total(rows.filter(({ status }) => FAILING.includes(status))),
        avgRunSeconds: run?.mean ?? null,
        p95RunSeconds: run?.p95 ?? null,
      }
    })
    .sort((a, b) => b.total - a.total || (a.jobType < b.jobType ? -1 : 1))
}
