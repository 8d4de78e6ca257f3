import { Prisma, type DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import { lives, queueLoads } from '../live-workers'
import { organizationSource } from './filter'
import { waitingNow } from './job-counts'
import { longestRun, type RunningJob } from './running'

/** Minutes over which the ends of jobs are counted. */
export const RATE_MINUTES = 5

/** How all workers together do. Slots belong to the platform; the rate and the longest run are those of a scope. */
export interface FleetView {
  workers: { alive: number; draining: number }
  /** Slots of the workers that take work. */
  slots: { isolated: number; inline: number }
  /** How many slots are taken, by jobs of whatever organization, also of workers that drain. */
  busy: { isolated: number; inline: number }
  /** Jobs of the scope that completed in a minute, on average over the last five. */
  jobsPerMinute: number
  /** Each worker pool that a job type names or a worker takes, by name. */
  pools: PoolView[]
  longestRun: RunningJob | null
}

/** A worker pool. A worker that takes several pools counts in each of them, with all its slots. */
export interface PoolView {
  pool: string
  workers: { alive: number; draining: number }
  slots: { isolated: number; inline: number }
  /** How many slots of its workers are taken, by jobs of whatever organization and pool, also of workers that drain. */
  busy: { isolated: number; inline: number }
  /** Jobs of the scope that could run now and wait for a slot. */
  waiting: number
}

export async function fleetOf(db: DbOrTx, scope: Scope): Promise<FleetView> {
  const [loads, [workers], completed, longest, pools] = await Promise.all([
    queueLoads(db),
    db.$queryRaw<{ alive: number; draining: number }[]>`
      SELECT count(*) FILTER (WHERE draining_at IS NULL)::int AS alive, count(*) FILTER (WHERE draining_at IS NOT NULL)::int AS draining
      FROM workers WHERE ${lives}`,
    completedLately(db, scope),
    longestRun(db, scope),
    poolsOf(db, scope),
  ])
  return {
    workers: workers!,
    slots: { isolated: loads.ISOLATED.slots, inline: loads.INLINE.slots },
    busy: { isolated: loads.ISOLATED.running, inline: loads.INLINE.running },
    jobsPerMinute: completed / RATE_MINUTES,
    longestRun: longest,
    pools,
  }
}

async function poolsOf(db: DbOrTx, scope: Scope): Promise<PoolView[]> {
  const [rows, types, waiting] = await Promise.all([
    db.$queryRaw<PoolRow[]>`
      WITH busy AS (
        SELECT worker_id, (count(*) FILTER (WHERE queue = 'ISOLATED'))::int AS isolated, (count(*) FILTER (WHERE queue = 'INLINE'))::int AS inline
        FROM jobs WHERE status = 'RUNNING' GROUP BY worker_id
      ), live AS (SELECT w.*, COALESCE(b.isolated, 0) AS busy_isolated, COALESCE(b.inline, 0) AS busy_inline
        FROM workers w LEFT JOIN busy b ON b.worker_id = w.id WHERE ${lives}),
      named AS (SELECT pool FROM job_types UNION SELECT unnest(pools) FROM live)
      SELECT n.pool, (count(l.id) FILTER (WHERE l.draining_at IS NULL))::int AS alive, (count(l.id) FILTER (WHERE l.draining_at IS NOT NULL))::int AS draining,
        COALESCE(sum(l.isolated_slots) FILTER (WHERE l.draining_at IS NULL), 0)::int AS isolated, COALESCE(sum(l.inline_slots) FILTER (WHERE l.draining_at IS NULL), 0)::int AS inline,
        COALESCE(sum(l.busy_isolated), 0)::int AS "busyIsolated", COALESCE(sum(l.busy_inline), 0)::int AS "busyInline"
      FROM named n LEFT JOIN live l ON l.pools IS NULL OR n.pool = ANY(l.pools) GROUP BY n.pool ORDER BY n.pool`,
    db.$queryRaw<{ name: string; pool: string }[]>`SELECT name, pool FROM job_types`,
    waitingNow(db, scope),
  ])
  const poolOf = new Map(types.map(({ name, pool }) => [name, pool]))
  return rows.map(({ pool, alive, draining, isolated, inline, busyIsolated, busyInline }) => ({
    pool,
    workers: { alive, draining },
    slots: { isolated, inline },
    busy: { isolated: busyIsolated, inline: busyInline },
    waiting: waiting.reduce((sum, { jobType, count }) => sum + (poolOf.get(jobType) === pool ? count : 0), 0),
  }))
}

interface PoolRow {
  pool: string
  alive: number
  draining: number
  isolated: number
  inline: number
  busyIsolated: number
  busyInline: number
}

/**
 * Counted in the index of one organization after the other. It is a sum of counts, because the planner would read all
 * attempts from end to end for one count of a join.
 */
async function completedLately(db: DbOrTx, scope: Scope): Promise<number> {
  const since = Prisma.sql`(SELECT clock_timestamp() - ${RATE_MINUTES} * interval '1 minute')`
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT COALESCE(sum(a.count), 0)::int AS count FROM ${organizationSource(scope)} CROSS JOIN LATERAL (
      SELECT count(*) AS count FROM job_attempts a WHERE a.organization_id = o.id AND a.ended_at > ${since} AND a.outcome = 'COMPLETED') a`
  return row!.count
}
