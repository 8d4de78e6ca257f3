import { Prisma, statementName, type DbOrTx } from '@/server/db'
import { percentiles, type Histogram } from '../../domain/histogram'
import { partsOf, type Stretch } from '../../domain/slices'
import type { Scope } from '../../domain/types'
import {
  ALL_TYPES,
  endedRows,
  keysOf,
  measured,
  rollupRows,
  RUN_BUCKETS,
  submittedRows,
  type Grain as FullGrain,
} from './measured'

// Measures throughput and durations, from attempts or from sums that were made ahead.

const { sql, join } = Prisma

/** Seconds. Null where nothing was measured. */
export interface Spread {
  avg: number | null
  p50: number | null
  p95: number | null
  p99: number | null
}

/**
 * What happened in a slice: jobs that were submitted, attempts whose handler ended, and how long they waited and ran.
 */
export interface Measured {
  /** Empty where job types are taken together. */
  jobType: string
  /** Where the slice begins, in milliseconds since 1970. 0 where there are no slices. */
  at: number
  submitted: number
  completed: number
  failed: number
  wait: Spread
  run: Spread
}

/** What the measures are made for: each job type, each slice of time, or everything together. */
export type Grain = Pick<FullGrain, 'types' | 'slice'>
const overAllOrganizations = (grain: Grain): FullGrain => ({ organizations: 'together', ...grain })

const SHARES = [0.5, 0.95, 0.99]

const spreadOf = (avg: number | null, [p50 = null, p95 = null, p99 = null]: readonly (number | null)[]): Spread => ({
  avg,
  p50,
  p95,
  p99,
})

/** Exact measures from every attempt, for stretches of time that hold few. */
export async function measureRows(db: DbOrTx, stretch: Stretch, grain: Grain, scope: Scope): Promise<Measured[]> {
  const { names, computed, listed } = keysOf(overAllOrganizations(grain))
  const group = names.length > 0 ? join(names) : sql`()`
  const rows = await db.$queryRaw<ExactRow[]>`${statementName('measure_rows')}
    WITH ended AS (SELECT ${computed} completed, wait, run FROM (${endedRows([stretch], scope)}) q),
    outcomes AS (
      SELECT ${listed} count(*) FILTER (WHERE completed)::int AS completed, count(*) FILTER (WHERE NOT completed)::int AS failed,
        avg(wait) AS "waitAvg", avg(run) AS "runAvg",
        percentile_cont(${SHARES}::double precision[]) WITHIN GROUP (ORDER BY wait) AS wait,
        percentile_cont(${SHARES}::double precision[]) WITHIN GROUP (ORDER BY run) AS run
      FROM ended GROUP BY ${group}
    ),
    submissions AS (
      SELECT ${listed} count(*)::int AS submitted FROM (SELECT ${computed} 1 FROM (${submittedRows([stretch], scope)}) q) s GROUP BY ${group}
    )
    SELECT ${listed} coalesce(submitted, 0) AS submitted, coalesce(completed, 0) AS completed, coalesce(failed, 0) AS failed, "waitAvg", "runAvg", wait, run
    FROM outcomes FULL JOIN submissions ${names.length > 0 ? sql`USING (${join(names)})` : sql`ON TRUE`}`
  return rows.map((row) => ({
    ...countsOf(row),
    wait: spreadOf(row.waitAvg, row.wait ?? []),
    run: spreadOf(row.runAvg, row.run ?? []),
  }))
}

/**
 * Measures from sums as far as these exist (`until`), and from the rows for the rest. Counts and averages are exact,
 * percentiles are within 10 %. What lies before the first whole slice is read from the rows: less than five minutes, or
 * less than an hour where the sums of five minutes are gone. So are days that are older than the sums that are kept.
 * Retention may have removed some of these rows.
 */
export async function measureRollups(
  db: DbOrTx,
  { until, now, ...stretch }: Stretch & { until: number | null; now?: number },
  grain: Grain,
  scope: Scope,
): Promise<Measured[]> {
  const parts = partsOf({ ...stretch, until, now, longest: grain.slice ?? undefined })
  const rows = parts.filter(({ span }) => span === null)
  const sources = {
    slices: rollupRows(
      parts.filter(({ span }) => span !== null),
      scope,
      grain.types,
    ),
    ended: endedRows(rows, scope),
    submitted: submittedRows(rows, scope),
  }
  const found = await db.$queryRaw<
    RollupRow[]
  >`${statementName('measure_rollups')} WITH ${measured(sources, overAllOrganizations(grain))} SELECT * FROM measured`
  return found.map((row) => {
    const outcomes = row.completed + row.failed
    const average = (seconds: number) => (outcomes === 0 ? null : seconds / outcomes)
    const { waits, runs } = histogramsOf(row)
    return {
      ...countsOf(row),
      wait: spreadOf(average(row.wait_seconds), percentiles(waits, SHARES)),
      run: spreadOf(average(row.run_seconds), percentiles(runs, SHARES)),
    }
  })
}

/** Columns that nothing was grouped by are absent. */
interface Counts {
  job_type?: string
  at?: Date
  submitted: number
  completed: number
  failed: number
}
interface ExactRow extends Counts {
  waitAvg: number | null
  runAvg: number | null
  wait: number[] | null
  run: number[] | null
}
interface RollupRow extends Counts {
  wait_seconds: number
  run_seconds: number
  buckets: number[]
  counts: number[]
}

const countsOf = ({ job_type, at, submitted, completed, failed }: Counts) => ({
  jobType: job_type ?? ALL_TYPES,
  at: at?.getTime() ?? 0,
  submitted,
  completed,
  failed,
})

function histogramsOf({ buckets, counts }: RollupRow): { waits: Histogram; runs: Histogram } {
  const both = buckets.map((bucket, index): [number, number] => [bucket, counts[index] ?? 0])
  return {
    waits: new Map(both.filter(([bucket]) => bucket < RUN_BUCKETS)),
    runs: new Map(
      both.filter(([bucket]) => bucket >= RUN_BUCKETS).map(([bucket, count]) => [bucket - RUN_BUCKETS, count]),
    ),
  }
}
