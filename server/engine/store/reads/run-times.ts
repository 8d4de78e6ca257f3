import { Prisma, type DbOrTx } from '@/server/db'
import { partsOf } from '../../domain/slices'
import type { Scope } from '../../domain/types'
import { LEAST_ENDED } from '../../domain/waiting-estimate'
import { endedRows, rollupRows } from './measured'
import { rolledUpUntil } from './rollups'

const { sql } = Prisma
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Over how many seconds it is measured what gets through at this moment. */
export const LATELY_SECONDS = 120

/** From this share of failed attempts on, sums over all attempts say too little about how long a job runs. */
const MANY_FAILED = 0.1
/** How many attempts of each organization are looked at, the last ones to end, and in how many organizations. */
const LATEST_ATTEMPTS = 2_000
const MOST_ORGANIZATIONS = 50

/** Attempts that ended, of one job type. */
export interface Ended {
  jobType: string
  ended: number
  runSeconds: number
}

interface Completed extends Ended {
  completed: number
  /** How long the completed ones ran. Null where the sums hold it together with the failed ones. */
  completedSeconds: number | null
}

/** How long jobs run, and what got through lately, by job type. */
export interface RunTimes {
  lately: ReadonlyMap<string, Ended>
  /** Seconds of a completed attempt, on average. Null where none is known. */
  secondsOf: (jobType: string) => number | null
}

/** Jobs of one type in one organization. */
interface Kind {
  organizationId: string
  jobType: string
}

/**
 * How long jobs of these kinds run until they complete: lately, where enough of them did, or else over a day, from the
 * sums that are made ahead. Only where a type has neither are the rows of the last hour read. A failed attempt may end
 * after a moment, so it says nothing about how long the work takes. The sums hold failed attempts, too. Where there are
 * many of them, the latest completed attempts are read in place of the sums.
 */
export async function runTimes(db: DbOrTx, scope: Scope, kinds: readonly Kind[]): Promise<RunTimes> {
  const jobTypes = [...new Set(kinds.map(({ jobType }) => jobType))]
  const { until, now } = await rolledUpUntil(db)
  // A little in the future, so that rows that are written while it is read count.
  const to = now.getTime() + 1_000
  const endedSince = (from: number) =>
    sql`SELECT job_type, 1 AS ended, run, completed::int AS completed, run * completed::int AS completed_run FROM (${endedRows([{ from, to }], scope)}) q`
  const slices = partsOf({ from: to - DAY_MS, to, until: until?.getTime() ?? null }).filter(({ span }) => span !== null)
  const [day, lately] = await Promise.all([
    sums(
      db,
      sql`SELECT job_type, completed + failed AS ended, run_seconds AS run, completed, CASE WHEN failed = 0 THEN run_seconds END AS completed_run
        FROM (${rollupRows(slices, scope, 'each')}) q`,
    ),
    sums(db, endedSince(to - LATELY_SECONDS * 1000)),
  ])
  const known = (name: string) => day.has(name) || lately.has(name)
  const hour = jobTypes.every(known) ? new Map<string, Completed>() : await sums(db, endedSince(to - HOUR_MS))
  const enough = (name: string) => (lately.get(name)?.completed ?? 0) >= LEAST_ENDED
  const mixed = jobTypes.filter((name) => !enough(name) && failedOften(day.get(name)))
  const alone =
    mixed.length > 0
      ? await completedLast(
          db,
          kinds.filter(({ jobType }) => mixed.includes(jobType)),
        )
      : new Map<string, number>()
  return {
    lately,
    secondsOf: (name) => {
      if (enough(name)) return secondsOf(lately.get(name))
      if (mixed.includes(name)) return alone.get(name) ?? secondsOf(lately.get(name))
      return secondsOf(day.get(name)) ?? secondsOf(hour.get(name)) ?? secondsOf(lately.get(name))
    },
  }
}

const failedOften = (sum: Completed | undefined): boolean =>
  sum !== undefined && sum.ended - sum.completed > MANY_FAILED * sum.ended

/** How long an attempt runs on average, of completed ones where they are known apart. */
function secondsOf(sum: Completed | undefined): number | null {
  if (!sum || sum.completed === 0) return null
  return sum.completedSeconds === null ? sum.runSeconds / sum.ended : sum.completedSeconds / sum.completed
}

async function sums(db: DbOrTx, rows: Prisma.Sql): Promise<Map<string, Completed>> {
  const found = await db.$queryRaw<Completed[]>`
    SELECT job_type AS "jobType", sum(ended)::int AS ended, sum(run)::double precision AS "runSeconds", sum(completed)::int AS completed,
      CASE WHEN bool_and(completed_run IS NOT NULL) THEN sum(completed_run)::double precision END AS "completedSeconds"
    FROM (${rows}) r GROUP BY job_type HAVING sum(ended) > 0`
  return new Map(found.map((row) => [row.jobType, row]))
}

/** How long the completed among the latest attempts ran on average, by job type. */
async function completedLast(db: DbOrTx, kinds: readonly Kind[]): Promise<Map<string, number>> {
  const organizations = [...new Set(kinds.map(({ organizationId }) => organizationId))].slice(0, MOST_ORGANIZATIONS)
  const names = [...new Set(kinds.map(({ jobType }) => jobType))]
  const rows = await db.$queryRaw<{ jobType: string; seconds: number }[]>`
    SELECT a.job_type AS "jobType", avg(greatest(0, extract(epoch FROM a.ended_at - a.started_at)))::double precision AS seconds
    FROM unnest(${organizations}::uuid[]) AS o(id)
    CROSS JOIN LATERAL (
      SELECT l.job_type, l.outcome, l.started_at, l.ended_at FROM job_attempts l
      WHERE l.organization_id = o.id AND l.ended_at >= statement_timestamp() - interval '1 day' ORDER BY l.ended_at DESC LIMIT ${LATEST_ATTEMPTS}) a
    WHERE a.outcome = 'COMPLETED' AND a.job_type = ANY(${names}::text[]) GROUP BY a.job_type`
  return new Map(rows.map(({ jobType, seconds }) => [jobType, seconds]))
}
