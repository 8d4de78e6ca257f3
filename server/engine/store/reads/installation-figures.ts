import { Prisma, type DbOrTx } from '@/server/db'
import type { JobStatus, QueueName } from '../../domain/types'
import { workersNeeded, type PoolLoad } from '../../domain/workers-needed'
import { lives, takesWork } from '../live-workers'
import { waitingNow } from './job-counts'
import { ALL_ORGANIZATIONS, ALL_TYPES } from './measured'

const { sql } = Prisma

/** How many organizations are named. The others are added up. */
const NAMED_ORGANIZATIONS = 20
const EVERYTHING = { all: true } as const

/** The figures of the whole installation that /api/metrics shows (rule 4.41). */
export interface InstallationFigures {
  jobs: Record<JobStatus, number>
  /** `waiting` could run now. `queued` and `running` are handed out. */
  types: { jobType: string; pool: string; waiting: number; queued: number; running: number }[]
  /** Those with the most unfinished jobs by their short names, and the sum of the others as `other`. */
  organizations: { organization: string; unfinished: number; completed: number; canceled: number; dead: number }[]
  pools: PoolFigures[]
  openCircuits: { jobType: string; count: number }[]
  /** Whether any live worker reaches BullMQ's store. Null where none has said so. */
  store: boolean | null
}

export interface PoolFigures {
  pool: string
  /** Workers that are alive and take work of this pool. */
  workers: number
  slots: Record<QueueName, number>
  running: Record<QueueName, number>
  /** Jobs that could run now, those in the queue among them. */
  waiting: number
  /** Seconds since the job that has waited longest could have started. 0 where none waits. */
  oldestWaitingSeconds: number
  /** See domain/workers-needed.ts. */
  workersNeeded: number
}

/**
 * Reads all of it. The number of jobs that have ended makes no difference: their counts are kept by transitions. What
 * waits for a later time is not read either. Jobs that could run now are counted in their index.
 *
 * `status <> 'COMPLETED'` says again what the index jobs_by_status_and_kind holds, so that PostgreSQL uses it.
 */
export async function installationFigures(db: DbOrTx): Promise<InstallationFigures> {
  // One after the other: they share a connection, so that a scrape never takes several of the pool.
  const usage = await usageOf(db)
  const counted = await db.$queryRaw<{ status: JobStatus; count: number }[]>`
    SELECT status, count(*)::int AS count FROM jobs
    WHERE status IN ('FAILED', 'TIMED_OUT') AND status <> 'COMPLETED' GROUP BY status`
  const inFlight = await db.$queryRaw<InFlight[]>`
    SELECT job_type AS "jobType", queue, status, count(*)::int AS count FROM jobs
    WHERE status IN ('QUEUED', 'RUNNING') AND status <> 'COMPLETED' GROUP BY job_type, queue, status`
  const types = await db.$queryRaw<TypeRow[]>`SELECT name, pool, queue FROM job_types`
  const waiting = await waitingNow(db, EVERYTHING)
  const workers = await db.$queryRaw<WorkerRow[]>`
    SELECT pools, isolated_slots AS "ISOLATED", inline_slots AS "INLINE", store_ok AS "storeOk", ${takesWork} AS "takesWork"
    FROM workers WHERE ${lives}`
  const means = await meanRuns(db)
  const openCircuits = await db.$queryRaw<{ jobType: string; count: number }[]>`
    SELECT job_type AS "jobType", count(*)::int AS count FROM circuits WHERE state <> 'CLOSED' GROUP BY job_type`
  const of = (status: JobStatus) =>
    counted.find((row) => row.status === status)?.count ??
    inFlight.reduce((sum, row) => sum + (row.status === status ? row.count : 0), 0)
  const open = { QUEUED: of('QUEUED'), RUNNING: of('RUNNING'), FAILED: of('FAILED'), TIMED_OUT: of('TIMED_OUT') }
  const { unfinished, completed, canceled, dead } = usage.total
  const others = Object.values(open).reduce((sum, count) => sum + count, 0)
  const waitingOf = new Map<string, { count: number; oldest: number }>()
  for (const { jobType, count, oldest } of waiting) {
    const before = waitingOf.get(jobType) ?? { count: 0, oldest: 0 }
    waitingOf.set(jobType, { count: before.count + count, oldest: Math.max(before.oldest, oldest) })
  }
  const flying = (jobType: string, status: InFlight['status']) =>
    inFlight.reduce((sum, row) => sum + (row.jobType === jobType && row.status === status ? row.count : 0), 0)
  const stores = workers.flatMap(({ storeOk }) => (storeOk === null ? [] : [storeOk]))
  return {
    // Waiting jobs may be millions, so they are what is left of the unfinished ones.
    jobs: {
      PENDING: Math.max(0, unfinished - others),
      ...open,
      COMPLETED: completed,
      CANCELED: canceled,
      DEAD_LETTER: dead,
    },
    types: types.map(({ name, pool }) => {
      const queued = flying(name, 'QUEUED')
      // What stands in the queue counts as waiting there, and as queued here.
      const due = Math.max(0, (waitingOf.get(name)?.count ?? 0) - queued)
      return { jobType: name, pool, waiting: due, queued, running: flying(name, 'RUNNING') }
    }),
    organizations: usage.organizations,
    pools: poolsOf({ types, workers, inFlight, waitingOf, means }),
    openCircuits,
    store: stores.length === 0 ? null : stores.some(Boolean),
  }
}

interface InFlight {
  jobType: string
  queue: QueueName
  status: 'QUEUED' | 'RUNNING'
  count: number
}

interface TypeRow {
  name: string
  pool: string
  queue: QueueName
}

interface WorkerRow extends Record<QueueName, number> {
  pools: string[] | null
  storeOk: boolean | null
  takesWork: boolean
}

interface Usage {
  unfinished: number
  completed: number
  canceled: number
  dead: number
}

/** The sums that transitions keep, of the organizations with the most unfinished jobs and of all. */
async function usageOf(db: DbOrTx): Promise<{ total: Usage; organizations: (Usage & { organization: string })[] }> {
  const sums = sql`sum(unfinished)::float8 AS unfinished, sum(completed)::float8 AS completed, sum(canceled)::float8 AS canceled, sum(dead)::float8 AS dead`
  const rows = await db.$queryRaw<(Usage & { organization: string | null })[]>`
    WITH used AS MATERIALIZED (
      SELECT organization_id, ${sums} FROM (
        SELECT organization_id, unfinished, completed, canceled, dead FROM organization_usage
        UNION ALL SELECT organization_id, delta, completed, canceled, dead FROM usage_deltas) u
      GROUP BY organization_id),
    named AS (SELECT * FROM used ORDER BY unfinished DESC, dead DESC, organization_id LIMIT ${NAMED_ORGANIZATIONS})
    SELECT o.slug AS organization, n.unfinished, n.completed, n.canceled, n.dead FROM named n JOIN organizations o ON o.id = n.organization_id
    UNION ALL SELECT NULL, ${sums} FROM used`
  const none: Usage = { unfinished: 0, completed: 0, canceled: 0, dead: 0 }
  const named = rows.flatMap(({ organization, ...row }) => (organization === null ? [] : [{ organization, ...row }]))
  const sum = rows.find(({ organization }) => organization === null)
  const total = sum?.unfinished == null ? none : { ...sum }
  const rest = (key: keyof Usage) => Math.max(0, total[key] - named.reduce((done, row) => done + row[key], 0))
  const other = {
    organization: 'other',
    unfinished: rest('unfinished'),
    completed: rest('completed'),
    canceled: rest('canceled'),
    dead: rest('dead'),
  }
  return { total, organizations: [...named, other] }
}

/** Seconds that jobs of each type ran on average within the last hour, from the sums that are made ahead. */
async function meanRuns(db: DbOrTx): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ jobType: string; seconds: number }[]>`
    SELECT job_type AS "jobType", sum(run_seconds) / sum(completed + failed) AS seconds FROM metric_rollups
    WHERE organization_id = ${ALL_ORGANIZATIONS}::uuid AND span_seconds = 300 AND job_type <> ${ALL_TYPES}
      AND at > statement_timestamp() - interval '1 hour'
    GROUP BY job_type HAVING sum(completed + failed) > 0`
  return new Map(rows.map(({ jobType, seconds }) => [jobType, seconds]))
}

interface Facts {
  types: readonly TypeRow[]
  workers: readonly WorkerRow[]
  inFlight: readonly InFlight[]
  waitingOf: ReadonlyMap<string, { count: number; oldest: number }>
  means: ReadonlyMap<string, number>
}

/** Every pool that a job type names, and the pool `default`, also where no type names it. */
function poolsOf({ types, workers, inFlight, waitingOf, means }: Facts): PoolFigures[] {
  const names = [...new Set(['default', ...types.map(({ pool }) => pool)])].sort()
  return names.map((pool) => {
    const mine = types.filter((type) => type.pool === pool)
    const takers = workers.filter(
      (worker) => worker.takesWork && (worker.pools === null || worker.pools.includes(pool)),
    )
    const slots = (queue: QueueName) => takers.reduce((sum, worker) => sum + worker[queue], 0)
    const running = (queue: QueueName) =>
      inFlight.reduce(
        (sum, row) =>
          row.status === 'RUNNING' && row.queue === queue && mine.some(({ name }) => name === row.jobType)
            ? sum + row.count
            : sum,
        0,
      )
    const loads = (['ISOLATED', 'INLINE'] as const).map((queue): PoolLoad => ({
      queue,
      running: running(queue),
      waiting: mine
        .filter((type) => type.queue === queue)
        .flatMap(({ name }) => {
          const count = waitingOf.get(name)?.count ?? 0
          return count > 0 ? [{ count, meanSeconds: means.get(name) ?? null }] : []
        }),
      slotsPerWorker: takers.length > 0 ? slots(queue) / takers.length : null,
    }))
    const waiting = mine.flatMap(({ name }) => waitingOf.get(name) ?? [])
    return {
      pool,
      workers: takers.length,
      slots: { ISOLATED: slots('ISOLATED'), INLINE: slots('INLINE') },
      running: { ISOLATED: running('ISOLATED'), INLINE: running('INLINE') },
      waiting: waiting.reduce((sum, { count }) => sum + count, 0),
      oldestWaitingSeconds: Math.max(0, ...waiting.map(({ oldest }) => oldest)),
      workersNeeded: workersNeeded(loads),
    }
  })
}
