import { Prisma, statementName, type Db, type DbOrTx, type Tx } from '@/server/db'
import { SPANS, type SpanSeconds } from '../../domain/slices'
import { endedRows, LONGEST_TRANSACTION_MS, measured, submittedRows, type Sources } from './measured'
import { inTransaction } from '../transaction'

// Adds up what happened in each stretch of time, so that figures of weeks are read at once.

const { sql } = Prisma
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * Milliseconds. A transaction that has just begun may not be in the list of sessions yet, so sums stay this far behind.
 */
const GRACE_MS = 10_000
/** How many rows one statement removes. */
const PRUNED = 5_000
/** Slices are kept a day longer than anybody asks for them, so that none is removed while somebody reads it. */
const SLACK_MS = DAY_MS
const everything = { all: true } as const
const NO_SLICES = sql`SELECT * FROM metric_rollups WHERE FALSE`
const FIVE_MINUTES = SPANS.find(({ seconds }) => seconds === 300)!
const HOUR_SECONDS = 3_600
/** Which span is made from which, from short to long. */
const LENGTHENINGS = SPANS.slice(0, -1)
  .map(({ seconds }, index) => ({ span: seconds, shorter: SPANS[index + 1]!.seconds }))
  .reverse()

/** The time up to which sums exist, and the database's time. Null where there are none yet. */
export async function rolledUpUntil(db: DbOrTx): Promise<{ until: Date | null; now: Date }> {
  const [row] = await db.$queryRaw<{ until: Date | null; now: Date }[]>`
    SELECT (SELECT until FROM rollup_progress) AS until, clock_timestamp() AS now`
  return row!
}

/**
 * Makes the sums of what has happened since the last time. Each transaction covers an hour at most, and no new one
 * begins after `patienceMs`. Two processes may do it at once: the second waits, and goes on where the first has
 * stopped. Returns the time up to which sums exist, or null while there are none.
 */
export async function rollUp(db: Db, { patienceMs = 1_000 }: { patienceMs?: number } = {}): Promise<Date | null> {
  const began = performance.now()
  for (;;) {
    const { until, more } = await inTransaction(db, rollUpNext)
    if (!more || performance.now() - began > patienceMs) return until
  }
}

async function rollUpNext(tx: Tx): Promise<{ until: Date | null; more: boolean }> {
  const begin = await lockProgress(tx)
  if (begin === null) return { until: null, more: false }
  const horizon = await settledUntil(tx)
  // After a long absence, times that nobody can ask for any more are left out.
  const from = Math.max(begin, floor(horizon - SPANS[0].keptSeconds * 1000, DAY_MS))
  const to = Math.min(floor(from, HOUR_MS) + HOUR_MS, floor(horizon, FIVE_MINUTES.seconds * 1000))
  if (to <= from) return { until: new Date(begin), more: false }
  // A whole hour whose short slices would soon be removed is added up in one step.
  const long = from % HOUR_MS === 0 && to < horizon - FIVE_MINUTES.keptSeconds * 1000 - SLACK_MS
  const shortest = long ? HOUR_SECONDS : FIVE_MINUTES.seconds
  const stretch = [{ from, to }]
  await writeSlices(
    tx,
    shortest,
    { slices: NO_SLICES, ended: endedRows(stretch, everything), submitted: submittedRows(stretch, everything) },
    { totals: true },
  )
  // Longer slices are made from shorter ones, each as soon as it is whole. The shorter ones contain the totals already.
  for (const { span, shorter } of LENGTHENINGS) {
    if (shorter < shortest || to % (span * 1000) !== 0) continue
    const slices = sql`
      SELECT * FROM metric_rollups WHERE span_seconds = ${shorter}::int AND at >= ${new Date(to - span * 1000)} AND at < ${new Date(to)}`
    await writeSlices(
      tx,
      span,
      { slices, ended: endedRows([], everything), submitted: submittedRows([], everything) },
      { totals: false },
    )
  }
  await tx.$executeRaw`UPDATE rollup_progress SET until = ${new Date(to)}`
  return { until: new Date(to), more: true }
}

const floor = (at: number, length: number): number => Math.floor(at / length) * length

/**
 * Locks the one row that says how far the sums reach. It begins an hour before the oldest job, because clocks differ.
 * For the same reason the oldest job is looked for among the first thousand by their ids. Null where there is no job.
 */
async function lockProgress(tx: Tx): Promise<number | null> {
  await tx.$executeRaw`
    INSERT INTO rollup_progress (until)
    SELECT date_trunc('hour', min(created_at) - interval '1 hour', 'UTC') FROM (SELECT created_at FROM job_inputs ORDER BY job_id LIMIT 1000) oldest
    HAVING count(*) > 0
    ON CONFLICT (singleton) DO NOTHING`
  const [row] = await tx.$queryRaw<{ until: Date }[]>`SELECT until FROM rollup_progress FOR UPDATE`
  return row ? row.until.getTime() : null
}

/**
 * The time up to which nothing can be added any more. An open transaction may still commit rows whose times go back to
 * its beginning. A transaction that has been open for an hour is not waited for, so that one forgotten session does not
 * hold up everybody's figures. What it submits is then missing in the sums.
 */
export async function settledUntil(tx: DbOrTx, graceMs = GRACE_MS): Promise<number> {
  const [row] = await tx.$queryRaw<{ at: Date }[]>`
    SELECT least(clock_timestamp() - make_interval(secs => ${graceMs / 1000}::double precision), min(xact_start)) AS at
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      AND xact_start > clock_timestamp() - make_interval(secs => ${LONGEST_TRANSACTION_MS / 1000}::double precision)`
  return row!.at.getTime()
}

/** Writes slices of one span. Doing it again writes the same. */
async function writeSlices(
  tx: Tx,
  span: SpanSeconds,
  sources: Sources,
  { totals }: { totals: boolean },
): Promise<void> {
  await tx.$executeRaw`${statementName('roll_up')}
    WITH ${measured(sources, { organizations: 'each', types: 'each', slice: span, totals })}
    INSERT INTO metric_rollups (organization_id, span_seconds, job_type, at, submitted, completed, failed, wait_seconds, run_seconds, buckets, counts)
    SELECT organization_id, ${span}::int, job_type, at, submitted, completed, failed, wait_seconds, run_seconds, buckets, counts FROM measured
    ON CONFLICT (organization_id, span_seconds, job_type, at) DO UPDATE SET submitted = EXCLUDED.submitted, completed = EXCLUDED.completed,
      failed = EXCLUDED.failed, wait_seconds = EXCLUDED.wait_seconds, run_seconds = EXCLUDED.run_seconds, buckets = EXCLUDED.buckets, counts = EXCLUDED.counts`
}

/** Removes some of the slices that no range reaches any more. Returns how many. */
export async function pruneRollups(db: Db): Promise<number> {
  let removed = 0
  for (const { seconds, keptSeconds } of SPANS) {
    removed += await db.$executeRaw`
      DELETE FROM metric_rollups r USING (
        SELECT organization_id, span_seconds, job_type, at FROM metric_rollups
        WHERE span_seconds = ${seconds}::int
          AND at < (SELECT until FROM rollup_progress) - make_interval(secs => ${keptSeconds + SLACK_MS / 1000}::double precision)
        ORDER BY at LIMIT ${PRUNED}) old
      WHERE r.organization_id = old.organization_id AND r.span_seconds = old.span_seconds AND r.job_type = old.job_type AND r.at = old.at`
  }
  return removed
}

/** Removes all sums, so that the next `rollUp` makes them anew. It is for callers that add rows in the past. */
export async function forgetRollups(tx: Tx): Promise<void> {
  await tx.$executeRaw`DELETE FROM rollup_progress`
  await tx.$executeRaw`DELETE FROM metric_rollups`
}
