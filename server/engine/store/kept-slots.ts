import { Prisma, type DbOrTx } from '@/server/db'
import type { Crew } from '../domain/crew'
import type { QueueName } from '../domain/types'
import { lives, slotsOf, takesWork, WORKER_LOST_SECONDS } from './live-workers'

const { sql } = Prisma

// Long jobs of one organization could take every slot, and a newcomer's first job would wait until one of them ends. So
// some slots of each queue are kept for organizations that have nothing in flight there (decision 0051).

/** One of every eight slots is kept. */
const ONE_IN = 8
/**
 * Seconds. A job that runs for longer counts as long. While it runs, all jobs of its organization and type count as
 * long.
 */
export const SHORT_SECONDS = 1

/** The jobs of one type that one organization submits. */
export interface Kind {
  organizationId: string
  jobType: string
}

/**
 * The slots of a queue, over all workers of a crew that are alive and take work, and how many of them are kept: one in
 * eight, and at least one. Where there is only one organization or one slot, none is kept.
 *
 * A worker that has just started keeps a share of its own. It may replace a worker that was killed, whose slots count
 * until it is lost. A free slot among those would be taken for the one that is kept. A new worker with a single slot
 * keeps none: many such workers would then keep all that they have.
 */
export const slotsAndKept = (queue: QueueName, crew: Prisma.Sql): Prisma.Sql => sql`
  SELECT s.slots, s.workers, CASE WHEN s.slots < 2 OR (SELECT count(*) FROM (SELECT 1 FROM organizations WHERE status = 'ACTIVE' LIMIT 2) o) < 2
    THEN 0 ELSE (s.older + ${ONE_IN - 1}::int) / ${ONE_IN}::int + s.kept_by_new END AS kept
  FROM (
    SELECT COALESCE(sum(slots), 0)::int AS slots, (count(*) FILTER (WHERE slots > 0))::int AS workers, COALESCE(sum(slots) FILTER (WHERE NOT new), 0)::int AS older,
      COALESCE(sum((slots + ${ONE_IN - 1}::int) / ${ONE_IN}::int) FILTER (WHERE new), 0)::int AS kept_by_new
    FROM (
      SELECT slots, slots > 1 AND started_at > clock_timestamp() - ${WORKER_LOST_SECONDS}::int * interval '1 second' AS new
      FROM (SELECT started_at, ${slotsOf(queue)} AS slots FROM workers WHERE ${takesWork} AND crew = ${crew}) w) w) s`

/** A queue of a crew, and its workers. */
export interface QueueFacts extends Pick<Crew, 'pools'> {
  crew: string
  queue: QueueName
  slots: number
  /** Slots that are kept for organizations with nothing in flight. */
  kept: number
  /** Workers that are alive and have slots for it: how many take work, and how many drain. */
  live: number
  draining: number
}

/** The queues of all crews that are alive. One without slots is left out. */
export function queueFacts(db: DbOrTx): Promise<QueueFacts[]> {
  const of = (queue: QueueName) => sql`
    SELECT c.crew, c.pools, ${queue}::text AS queue, k.slots, k.kept, c.live, c.draining
    FROM (
      SELECT crew, pools, (count(*) FILTER (WHERE draining_at IS NULL))::int AS live, (count(*) FILTER (WHERE draining_at IS NOT NULL))::int AS draining
      FROM workers WHERE ${lives} AND ${slotsOf(queue)} > 0 GROUP BY crew, pools) c
    CROSS JOIN LATERAL (${slotsAndKept(queue, sql`c.crew`)}) k`
  return db.$queryRaw`${of('ISOLATED')} UNION ALL ${of('INLINE')}`
}

/**
 * Two numbers for a queue of a crew, both null where there is no limit:
 * - `room`: how many slots jobs that may run long can hold together. A slot cannot be taken back from such a job, so
 * the others are kept before it is QUEUED. A job that is QUEUED already would wait for a kept slot and block it.
 * - `flow`: how many slots jobs that were measured to be short can hold together. Such jobs may be QUEUED beyond
 * `room`, so that the next one lies ready where one ends. Because they can turn out long all the same, each worker
 * keeps its last free slot from them (worker/run/last-slot.ts).
 */
export const roomForLong = (queue: QueueName, crew: Crew): Prisma.Sql => sql`
  SELECT CASE WHEN kept > 0 THEN slots - kept END AS room, CASE WHEN kept > 0 THEN slots - workers END AS flow
  FROM (${slotsAndKept(queue, sql`${crew.name}`)}) k`

/**
 * Condition on a job `j` that is QUEUED or RUNNING: it has, or will get, a slot that counts. A worker that drains gives
 * its slots to nobody.
 */
export const holdsSlot = sql`(j.status = 'QUEUED' OR j.worker_id IN (SELECT id FROM workers WHERE ${takesWork}))`

/** Condition on a running job `j`: it has been running for long. */
export const runsLong = sql`j.started_at < statement_timestamp() - ${SHORT_SECONDS}::int * interval '1 second'`

/** Condition: a row `r` is of one of these kinds. */
export const isOfKinds = (
  kinds: readonly Kind[],
  r: Prisma.Sql,
): Prisma.Sql => sql`(${r}.organization_id, ${r}.job_type) IN (
  SELECT * FROM unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[]) AS k(organization_id, job_type))`
