import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { unfinishedJobs } from './admission/usage'

// Remembers how far each organization came to its limits.

const { sql } = Prisma

/** For how many days peaks are shown. */
const WEEK_DAYS = 7
/** One more day is kept, so that no row goes while somebody still reads it. */
const KEPT_DAYS = WEEK_DAYS + 1
/** How many rows one statement removes. */
const PRUNE_BATCH = 5_000

/** How much of a limit is used. */
export interface LimitUsage {
  /** Null is no limit. */
  limit: number | null
  used: number
  /** The most that was seen within the last seven days, with the present. */
  peak: number
  /** When that was, to the hour. Null where it is the present. */
  peakAt: Date | null
}

/** How an organization stands against its limits. */
export interface OrganizationUsage {
  maxUnfinished: LimitUsage
  maxConcurrent: LimitUsage
}

/**
 * Notes how far each organization has come in this hour, where it is further than before. The leader does so every few
 * seconds, so a peak that lasts for less may be missed. Call it after `foldUsage`, whose sums it reads.
 *
 * Organizations that have not come further are left out before the insertion, so that an idle system writes nothing.
 * `running` is what counts towards the limit of jobs at once: jobs that are QUEUED and jobs that run.
 */
export async function notePeaks(db: Db): Promise<number> {
  return db.$executeRaw`
    WITH busy AS MATERIALIZED (
      SELECT j.organization_id, count(*)::int AS running FROM jobs j WHERE j.status IN ('QUEUED', 'RUNNING') GROUP BY 1
    ), present AS (
      SELECT u.organization_id, date_trunc('hour', statement_timestamp(), 'UTC') AS at, u.unfinished, COALESCE(b.running, 0) AS running
      FROM organization_usage u LEFT JOIN busy b USING (organization_id) WHERE u.unfinished > 0
    )
    INSERT INTO usage_peaks AS p (organization_id, at, unfinished, running)
    SELECT n.* FROM present n LEFT JOIN usage_peaks before USING (organization_id, at)
    WHERE before.at IS NULL OR n.unfinished > before.unfinished OR n.running > before.running
    ON CONFLICT (organization_id, at) DO UPDATE
      SET unfinished = greatest(p.unfinished, EXCLUDED.unfinished), running = greatest(p.running, EXCLUDED.running)`
}

/** Removes some of the peaks that are too old to be shown. Returns how many. */
export function prunePeaks(db: Db): Promise<number> {
  return db.$executeRaw`
    DELETE FROM usage_peaks p USING (
      SELECT organization_id, at FROM usage_peaks WHERE at < statement_timestamp() - make_interval(days => ${KEPT_DAYS}::int)
      ORDER BY at LIMIT ${PRUNE_BATCH}) old
    WHERE p.organization_id = old.organization_id AND p.at = old.at`
}

/** The present use of an organization's limits and the peak of a week. Null where there is no such organization. */
export async function organizationUsage(db: DbOrTx, organizationId: string): Promise<OrganizationUsage | null> {
  const hourOfPeak = (column: Prisma.Sql) => sql`(
    SELECT p.at FROM usage_peaks p WHERE p.organization_id = o.id AND p.at > clock_timestamp() - make_interval(days => ${WEEK_DAYS}::int)
    ORDER BY ${column} DESC, p.at DESC LIMIT 1)`
  const [unfinished, [row]] = await Promise.all([
    unfinishedJobs(db, organizationId),
    db.$queryRaw<UsageRow[]>`
      SELECT o.max_unfinished AS "maxUnfinished", o.max_concurrent AS "maxConcurrent",
        (SELECT count(*)::int FROM jobs j WHERE j.status IN ('QUEUED', 'RUNNING') AND j.organization_id = o.id) AS running,
        pu.unfinished::int AS "mostUnfinished", pu.at AS "mostUnfinishedAt", pr.running AS "mostRunning", pr.at AS "mostRunningAt"
      FROM organizations o
      LEFT JOIN usage_peaks pu ON pu.organization_id = o.id AND pu.at = ${hourOfPeak(sql`p.unfinished`)}
      LEFT JOIN usage_peaks pr ON pr.organization_id = o.id AND pr.at = ${hourOfPeak(sql`p.running`)}
      WHERE o.id = ${organizationId}::uuid`,
  ])
  if (!row) return null
  return {
    maxUnfinished: usageOf(row.maxUnfinished, unfinished, row.mostUnfinished, row.mostUnfinishedAt),
    maxConcurrent: usageOf(row.maxConcurrent, row.running, row.mostRunning, row.mostRunningAt),
  }
}

interface UsageRow {
  maxUnfinished: number | null
  maxConcurrent: number | null
  running: number
  mostUnfinished: number | null
  mostUnfinishedAt: Date | null
  mostRunning: number | null
  mostRunningAt: Date | null
}

/** The present may be above every peak that was noted, because peaks are noted every few seconds. */
function usageOf(limit: number | null, used: number, most: number | null, at: Date | null): LimitUsage {
  return most === null || most <= used
    ? { limit, used, peak: used, peakAt: null }
    : { limit, used, peak: most, peakAt: at }
}

/**
 * Makes all peaks anew from the jobs that exist. It reads every job and every attempt, so it is only for the seed, which
 * adds jobs of the past to a small database.
 *
 * A job counts 1 from its beginning and −1 from its end. The running sum is the level, and each hour keeps its highest
 * level. An hour in which nothing began or ended gets no row.
 */
export async function remakePeaks(tx: Tx): Promise<void> {
  await tx.$executeRaw`DELETE FROM usage_peaks`
  await tx.$executeRaw`
    WITH stretches AS (
      SELECT organization_id, 'unfinished' AS of, created_at AS began, finished_at AS ended FROM jobs
      UNION ALL SELECT organization_id, 'running', queued_at, ended_at FROM job_attempts
    ), steps AS (
      SELECT organization_id, of, began AS at, 1 AS step FROM stretches WHERE ended IS NULL OR ended > clock_timestamp() - make_interval(days => ${KEPT_DAYS}::int)
      UNION ALL
      SELECT organization_id, of, ended, -1 FROM stretches WHERE ended > clock_timestamp() - make_interval(days => ${KEPT_DAYS}::int)
    ), levels AS (
      SELECT organization_id, of, at, sum(step) OVER (PARTITION BY organization_id, of ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS level FROM steps
    )
    INSERT INTO usage_peaks (organization_id, at, unfinished, running)
    SELECT organization_id, date_trunc('hour', at, 'UTC'), COALESCE(max(level) FILTER (WHERE of = 'unfinished'), 0), COALESCE(max(level) FILTER (WHERE of = 'running'), 0)::int
    FROM levels GROUP BY 1, 2`
}
