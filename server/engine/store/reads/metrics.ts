import type { DbOrTx } from '@/server/db'
import type { Stretch } from '../../domain/slices'
import type { JobPriority, JobStatus, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { countByStatus, runningByType, waitingNow } from './job-counts'
import { measureRollups, measureRows, type Grain, type Measured, type Spread } from './measures'
import { rolledUpUntil } from './rollups'

export type MetricsRange = '1h' | '6h' | '24h' | '7d' | '30d'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long each range is and how long its parts are, in seconds. Each has 60 to 120 parts, enough for a chart. */
const RANGES: Record<MetricsRange, { seconds: number; bucket: number }> = {
  '1h': { seconds: HOUR, bucket: MINUTE },
  '6h': { seconds: 6 * HOUR, bucket: 5 * MINUTE },
  '24h': { seconds: DAY, bucket: 15 * MINUTE },
  '7d': { seconds: 7 * DAY, bucket: 2 * HOUR },
  '30d': { seconds: 30 * DAY, bucket: 6 * HOUR },
}
/**
 * The range ends a little in the future, so that rows that are written while it is read count. Their times may also
 * have been rounded up.
 */
const AHEAD_MS = 1_000

export interface MetricsOverview {
  counts: Record<JobStatus, number>
  queueDepth: Record<JobPriority, number>
  oldestWaitingSeconds: number | null
  throughputPerMinute: number
  failureRate: number | null
  wait: Spread
  run: Spread
}

export interface MetricsPoint {
  at: Date
  submitted: number
  completed: number
  failed: number
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

/**
 * Figures of a scope: counts and queues at this moment, and rates and durations over the range that ends at `now`. By
 * default that is the database's time.
 */
export async function metricsOverview(
  db: DbOrTx,
  { range, now }: { range: MetricsRange; now?: Date },
  scope: Scope,
): Promise<MetricsOverview> {
  const [counts, waiting, [all]] = await Promise.all([
    countByStatus(db, scope),
    waitingNow(db, scope),
    measureRange(db, { range, now }, 'together', scope),
  ])
  const queueDepth: Record<JobPriority, number> = { LOW: 0, NORMAL: 0, HIGH: 0, CRITICAL: 0 }
  for (const { priority, count } of waiting) queueDepth[priority] += count
  return {
    counts,
    queueDepth,
    oldestWaitingSeconds: waiting.length === 0 ? null : Math.max(...waiting.map(({ oldest }) => oldest)),
    throughputPerMinute: (all?.completed ?? 0) / (RANGES[range].seconds / MINUTE),
    failureRate: failureRate(all),
    wait: all?.wait ?? NOTHING,
    run: all?.run ?? NOTHING,
  }
}

/** The same for each job type of which there was something in the range, or of which jobs wait or run now; by name. */
export async function metricsByType(
  db: DbOrTx,
  { range, now, cursor, limit }: { range: MetricsRange; now?: Date; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<TypeMetrics>> {
  const after = decodeCursor(cursor, /^[a-z0-9][a-z0-9._-]{0,99}$/) ?? ''
  const [waiting, running, each] = await Promise.all([
    waitingNow(db, scope),
    runningByType(db, scope),
    measureRange(db, { range, now }, 'each', scope),
  ])
  const measured = new Map(each.map((row) => [row.jobType, row]))
  const waitingOf = new Map<string, number>()
  for (const { jobType, count } of waiting) waitingOf.set(jobType, (waitingOf.get(jobType) ?? 0) + count)
  const names = [...new Set([...measured.keys(), ...waitingOf.keys(), ...running.keys()])]
    .sort()
    .filter((name) => name > after)
  return pageOf(
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
}

const NOTHING: Spread = { avg: null, p50: null, p95: null, p99: null }

function failureRate(row: Measured | undefined): number | null {
  const outcomes = row ? row.completed + row.failed : 0
  return row && outcomes > 0 ? row.failed / outcomes : null
}

async function measureRange(
  db: DbOrTx,
  { range, now }: { range: MetricsRange; now?: Date },
  types: Grain['types'],
  scope: Scope,
): Promise<Measured[]> {
  const { until, now: databaseNow } = await rolledUpUntil(db)
  const end = (now ?? databaseNow).getTime()
  const stretch = { from: end - RANGES[range].seconds * 1000, to: end + AHEAD_MS }
  return measure(db, range, { ...stretch, until: until?.getTime() ?? null }, { types, slice: null }, scope)
}

/** The shortest range is exact, minute by minute. Longer ones hold too many attempts for that. */
const measure = (
  db: DbOrTx,
  range: MetricsRange,
  stretch: Stretch & { until: number | null },
  grain: Grain,
  scope: Scope,
): Promise<Measured[]> =>
  range === '1h' ? measureRows(db, stretch, grain, scope) : measureRollups(db, stretch, grain, scope)

/**
 * The range in buckets of equal length, oldest first, with empty ones. They begin at whole multiples of their length,
 * and the last one is still filling.
 */
export async function metricsTimeseries(
  db: DbOrTx,
  { range, now }: { range: MetricsRange; now?: Date },
  scope: Scope,
): Promise<{ bucketSeconds: number; points: MetricsPoint[] }> {
  const { seconds, bucket } = RANGES[range]
  const database = await rolledUpUntil(db)
  const last = Math.floor((now ?? database.now).getTime() / 1000 / bucket) * bucket
  const first = last - seconds + bucket
  const stretch = { from: first * 1000, to: (last + bucket) * 1000, until: database.until?.getTime() ?? null }
  const measured = await measure(db, range, stretch, { types: 'together', slice: bucket }, scope)
  const rowAt = new Map(measured.map((row) => [row.at, row]))
  const points = Array.from({ length: seconds / bucket }, (_, index): MetricsPoint => {
    const at = (first + index * bucket) * 1000
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
  return { bucketSeconds: bucket, points }
}
