import type { DbOrTx } from '@/server/db'
import { planTime, type MetricsTime, type PlannedTime } from '../../domain/metrics-time'
import { JOB_TYPE_NAME } from '../../domain/name-forms'
import type { Stretch } from '../../domain/slices'
import type { JobPriority, JobStatus, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { countByStatus, runningByType, waitingNow } from './job-counts'
import { measureRollups, measureRows, type Grain, type Measured, type Spread } from './measures'
import { rolledUpUntil } from './rollups'

// Reads the figures of the overview and of job types. For times of up to an hour every attempt is read (`exact`).
// Longer times are read from sums that were made ahead (rollups.ts), and from the rows for the last minutes, for which
// there are no sums yet.

/** The time that was measured: `to` is not part of it. */
export interface MeasuredTime {
  from: Date
  to: Date
}

export interface MetricsOverview extends MeasuredTime {
  counts: Record<JobStatus, number>
  /** Jobs that could run now, QUEUED ones included, by priority. */
  queueDepth: Record<JobPriority, number>
  /** How long the one of them waits that could have started first. Null where none waits. */
  oldestWaitingSeconds: number | null
  /**
   * `submitted` counts jobs. `completed` and `failed` count attempts, so a job that fails twice and then completes
   * counts in both. A timeout counts as failed.
   */
  submitted: number
  completed: number
  failed: number
  /** Attempts that completed. */
  throughputPerMinute: number
  /** The share of `failed` in `completed` and `failed`. Null where no attempt ended. */
  failureRate: number | null
  wait: Spread
  run: Spread
}

export interface MetricsPoint {
  at: Date
  submitted: number
  completed: number
  failed: number
  /** Seconds, here and below. Null where nothing was measured. */
  waitP50: number | null
  waitP95: number | null
  runP50: number | null
  runP95: number | null
}

export interface TypeMetrics {
  jobType: string
  submitted: number
  completed: number
  failed: number
  failureRate: number | null
  /** Jobs of this type that could run now. */
  waiting: number
  /** Jobs of it that run now. */
  running: number
  wait: Spread
  run: Spread
}

/** Figures of a scope: counts and queues at this moment, and rates and durations over the time that is asked for. */
export async function metricsOverview(db: DbOrTx, asked: MetricsTime, scope: Scope): Promise<MetricsOverview> {
  const [counts, waiting, { time, rows }] = await Promise.all([
    countByStatus(db, scope),
    waitingNow(db, scope),
    measureTime(db, asked, 'together', scope),
  ])
  const [all] = rows
  const queueDepth: Record<JobPriority, number> = { LOW: 0, NORMAL: 0, HIGH: 0, CRITICAL: 0 }
  for (const { priority, count } of waiting) queueDepth[priority] += count
  return {
    ...datesOf(time),
    counts,
    queueDepth,
    oldestWaitingSeconds: waiting.length === 0 ? null : Math.max(...waiting.map(({ oldest }) => oldest)),
    submitted: all?.submitted ?? 0,
    completed: all?.completed ?? 0,
    failed: all?.failed ?? 0,
    throughputPerMinute: (all?.completed ?? 0) / time.minutes,
    failureRate: failureRate(all),
    wait: all?.wait ?? NOTHING,
    run: all?.run ?? NOTHING,
  }
}

/**
 * The same for each job type, in the order of the names. A type is left out if nothing happened in the time and none of
 * its jobs waits or runs now.
 */
export async function metricsByType(
  db: DbOrTx,
  { cursor, limit, ...asked }: MetricsTime & { cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<TypeMetrics> & MeasuredTime> {
  const after = decodeCursor(cursor, JOB_TYPE_NAME) ?? ''
  const [waiting, running, { time, rows }] = await Promise.all([
    waitingNow(db, scope),
    runningByType(db, scope),
    measureTime(db, asked, 'each', scope),
  ])
  const measured = new Map(rows.map((row) => [row.jobType, row]))
  const waitingOf = new Map<string, number>()
  for (const { jobType, count } of waiting) waitingOf.set(jobType, (waitingOf.get(jobType) ?? 0) + count)
  const names = [...new Set([...measured.keys(), ...waitingOf.keys(), ...running.keys()])]
    .sort()
    .filter((name) => name > after)
  const page = pageOf(
    names,
    limit,
    (name) => name,
    (jobType) => {
      const row = measured.get(jobType)
      return {
        jobType,
        submitted: row?.submitted ?? 0,
        completed: row?.completed ?? 0,
        failed: row?.failed ?? 0,
        failureRate: failureRate(row),
        waiting: waitingOf.get(jobType) ?? 0,
        running: running.get(jobType) ?? 0,
        wait: row?.wait ?? NOTHING,
        run: row?.run ?? NOTHING,
      }
    },
  )
  return { ...page, ...datesOf(time) }
}

const NOTHING: Spread = { avg: null, p50: null, p95: null, p99: null }

function failureRate(row: Measured | undefined): number | null {
  const outcomes = row ? row.completed + row.failed : 0
  return row && outcomes > 0 ? row.failed / outcomes : null
}

const datesOf = ({ from, to }: PlannedTime): MeasuredTime => ({ from: new Date(from), to: new Date(to) })

async function measureTime(
  db: DbOrTx,
  asked: MetricsTime,
  types: Grain['types'],
  scope: Scope,
): Promise<{ time: PlannedTime; rows: Measured[] }> {
  const { until: sumsUntil, now: databaseNow } = await rolledUpUntil(db)
  const time = planTime(asked, databaseNow.getTime())
  const stretch = { from: time.from, to: time.to, until: sumsUntil?.getTime() ?? null, now: databaseNow.getTime() }
  return { time, rows: await measure(db, time, stretch, { types, slice: null }, scope) }
}

/**
 * `types: 'each'` in the grain gives one row for each job type, `'together'` one for all. `slice` is the length of a
 * bucket in seconds. Null means that the time is not cut.
 */
const measure = (
  db: DbOrTx,
  { exact }: PlannedTime,
  stretch: Stretch & { until: number | null; now: number },
  grain: Grain,
  scope: Scope,
): Promise<Measured[]> => (exact ? measureRows(db, stretch, grain, scope) : measureRollups(db, stretch, grain, scope))

/**
 * The time in buckets of equal length, oldest first, with empty ones. They begin at whole multiples of their length.
 * Where the time ends now, the last one is still filling.
 */
export async function metricsTimeseries(
  db: DbOrTx,
  asked: MetricsTime,
  scope: Scope,
): Promise<{ bucketSeconds: number; points: MetricsPoint[] }> {
  const { until: sumsUntil, now: databaseNow } = await rolledUpUntil(db)
  const time = planTime(asked, databaseNow.getTime())
  const { from, count, bucketSeconds } = time.series
  const length = bucketSeconds * 1000
  const stretch = { from, to: from + count * length, until: sumsUntil?.getTime() ?? null, now: databaseNow.getTime() }
  const measured = await measure(db, time, stretch, { types: 'together', slice: bucketSeconds }, scope)
  const rowAt = new Map(measured.map((row) => [row.at, row]))
  const points = Array.from({ length: count }, (_, index): MetricsPoint => {
    const at = from + index * length
    const { submitted = 0, completed = 0, failed = 0, wait = NOTHING, run = NOTHING } = rowAt.get(at) ?? {}
    return {
      at: new Date(at),
      submitted,
      completed,
      failed,
      waitP50: wait.p50,
      waitP95: wait.p95,
      runP50: run.p50,
      runP95: run.p95,
    }
  })
  return { bucketSeconds, points }
}
