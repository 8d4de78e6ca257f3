import { Prisma, type DbOrTx } from '@/server/db'
import { JOB_STATUSES, WAITING_STATUSES } from '../domain/state'
import type { JobPriority, JobStatus, Scope } from '../domain/types'
import { dueAt, idAt } from './filter'
import { inScope } from './job-view'

export type MetricsRange = '1h' | '6h' | '24h' | '7d' | '30d'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long each range is and how it is cut, in seconds: 48 to 120 points, enough for a chart. */
const RANGES: Record<MetricsRange, { seconds: number; bucket: number }> = {
  '1h': { seconds: HOUR, bucket: MINUTE },
  '6h': { seconds: 6 * HOUR, bucket: 5 * MINUTE },
  '24h': { seconds: DAY, bucket: 15 * MINUTE },
  '7d': { seconds: 7 * DAY, bucket: 2 * HOUR },
  '30d': { seconds: 30 * DAY, bucket: 6 * HOUR },
}

/** Seconds; null where nothing was measured. */
export interface Spread {
  avg: number | null
  p50: number | null
  p95: number | null
  p99: number | null
}

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

// An outcome is an attempt whose handler ended by itself or by timeout.
const ENDED = Prisma.sql`a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')`
const WAIT = Prisma.sql`greatest(0, extract(epoch FROM a.started_at - a.ready_at))::double precision`
const RUN = Prisma.sql`greatest(0, extract(epoch FROM a.ended_at - a.started_at))::double precision`

/** How a scope is doing: counts and queues now, rates and durations over the range. */
export async function metricsOverview(db: DbOrTx, { range }: { range: MetricsRange }, scope: Scope): Promise<MetricsOverview> {
  const [counts, waiting, ended] = await Promise.all([countByStatus(db, scope), waitingNow(db, scope), attemptsOver(db, range, scope)])
  const outcomes = ended.completed + ended.failed
  return {
    counts,
    queueDepth: waiting.depth,
    oldestWaitingSeconds: waiting.oldest,
    throughputPerMinute: ended.completed / (RANGES[range].seconds / MINUTE),
    failureRate: outcomes === 0 ? null : ended.failed / outcomes,
    wait: ended.wait,
    run: ended.run,
  }
}

/** COMPLETED, nearly all jobs of a busy system, is what remains: the partial index leaves it out. */
async function countByStatus(db: DbOrTx, scope: Scope): Promise<Record<JobStatus, number>> {
  const others = JOB_STATUSES.filter((status) => status !== 'COMPLETED')
  const rows = await db.$queryRaw<{ status: JobStatus | null; count: number }[]>`
    SELECT s.status, found.count FROM unnest(${others}::"JobStatus"[]) AS s(status)
    CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM jobs j
      WHERE j.status = s.status AND j.status <> 'COMPLETED' AND ${inScope(Prisma.sql`j.organization_id`, scope)}) found
    UNION ALL
    SELECT NULL, count(*)::int FROM job_inputs i WHERE ${inScope(Prisma.sql`i.organization_id`, scope)}`
  const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>
  let total = 0
  let rest = 0
  for (const { status, count } of rows) {
    if (status === null) total = count
    else {
      counts[status] = count
      rest += count
    }
  }
  counts.COMPLETED = Math.max(0, total - rest)
  return counts
}

async function waitingNow(db: DbOrTx, scope: Scope): Promise<{ depth: Record<JobPriority, number>; oldest: number | null }> {
  const rows = await db.$queryRaw<{ priority: JobPriority; count: number; oldest: number }[]>`
    SELECT j.priority, count(*)::int AS count,
      extract(epoch FROM clock_timestamp() - min(${dueAt}))::double precision AS oldest
    FROM jobs j
    WHERE j.status = ANY(${[...WAITING_STATUSES]}::"JobStatus"[]) AND j.status <> 'COMPLETED' AND j.pending_parents = 0
      AND ${inScope(Prisma.sql`j.organization_id`, scope)} AND ${dueAt} <= clock_timestamp()
    GROUP BY j.priority`
  const depth: Record<JobPriority, number> = { LOW: 0, NORMAL: 0, HIGH: 0, CRITICAL: 0 }
  for (const { priority, count } of rows) depth[priority] = count
  return { depth, oldest: rows.length === 0 ? null : Math.max(0, ...rows.map(({ oldest }) => oldest)) }
}

interface Ended {
  completed: number
  failed: number
  wait: Spread
  run: Spread
}

async function attemptsOver(db: DbOrTx, range: MetricsRange, scope: Scope): Promise<Ended> {
  const [row] = await db.$queryRaw<
    { completed: number; failed: number; waitAvg: number | null; runAvg: number | null; wait: number[] | null; run: number[] | null }[]
  >`
    SELECT count(*) FILTER (WHERE outcome = 'COMPLETED')::int AS completed,
      count(*) FILTER (WHERE outcome <> 'COMPLETED')::int AS failed,
      avg(wait) AS "waitAvg", avg(run) AS "runAvg",
      percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY wait) AS wait,
      percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY run) AS run
    FROM (SELECT a.outcome, ${WAIT} AS wait, ${RUN} AS run FROM job_attempts a
      WHERE ${inScope(Prisma.sql`a.organization_id`, scope)} AND ${ENDED}
        AND a.ended_at >= clock_timestamp() - make_interval(secs => ${RANGES[range].seconds}::double precision)) ended`
  const spread = (avg: number | null | undefined, p: number[] | null | undefined): Spread => ({
    avg: avg ?? null,
    p50: p?.[0] ?? null,
    p95: p?.[1] ?? null,
    p99: p?.[2] ?? null,
  })
  return {
    completed: row?.completed ?? 0,
    failed: row?.failed ?? 0,
    wait: spread(row?.waitAvg, row?.wait),
    run: spread(row?.runAvg, row?.run),
  }
}

/** The range cut into equal buckets, aligned to whole ones, oldest first, none missing; the last is still filling. */
export async function metricsTimeseries(
  db: DbOrTx,
  { range, now = new Date() }: { range: MetricsRange; now?: Date },
  scope: Scope,
): Promise<{ bucketSeconds: number; points: MetricsPoint[] }> {
  const { seconds, bucket } = RANGES[range]
  const last = Math.floor(now.getTime() / 1000 / bucket) * bucket
  const first = last - seconds + bucket
  const bucketOf = (column: string) => Prisma.sql`floor(extract(epoch FROM ${Prisma.raw(column)}) / ${bucket}::int)::bigint * ${bucket}::int`
  const from = new Date(first * 1000)
  const [ended, submitted] = await Promise.all([
    db.$queryRaw<{ at: bigint; completed: number; failed: number; wait: number[]; run: number[] }[]>`
      SELECT at, count(*) FILTER (WHERE outcome = 'COMPLETED')::int AS completed,
        count(*) FILTER (WHERE outcome <> 'COMPLETED')::int AS failed,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY wait) AS wait,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY run) AS run
      FROM (SELECT ${bucketOf('a.ended_at')} AS at, a.outcome, ${WAIT} AS wait, ${RUN} AS run FROM job_attempts a
        WHERE ${inScope(Prisma.sql`a.organization_id`, scope)} AND ${ENDED} AND a.ended_at >= ${from}) ended
      GROUP BY at`,
    // Ids begin with the time; five minutes of slack for the clock that made them.
    db.$queryRaw<{ at: bigint; count: number }[]>`
      SELECT at, count(*)::int AS count FROM (SELECT ${bucketOf('i.created_at')} AS at FROM job_inputs i
        WHERE ${inScope(Prisma.sql`i.organization_id`, scope)}
          AND i.job_id >= ${idAt(from.getTime() - 300_000)}::uuid AND i.created_at >= ${from}) made
      GROUP BY at`,
  ])
  const endedAt = new Map(ended.map((row) => [Number(row.at), row]))
  const submittedAt = new Map(submitted.map((row) => [Number(row.at), row.count]))
  const points = Array.from({ length: seconds / bucket }, (_, index): MetricsPoint => {
    const at = first + index * bucket
    const row = endedAt.get(at)
    return {
      at: new Date(at * 1000),
      submitted: submittedAt.get(at) ?? 0,
      completed: row?.completed ?? 0,
      failed: row?.failed ?? 0,
      waitP50: row?.wait[0] ?? null,
      waitP95: row?.wait[1] ?? null,
      runP50: row?.run[0] ?? null,
      runP95: row?.run[1] ?? null,
    }
  })
  return { bucketSeconds: bucket, points }
}
