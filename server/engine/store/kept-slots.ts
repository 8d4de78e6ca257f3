import { Prisma } from '@/server/db'
import type { QueueName } from '../domain/types'
import { slotsOf, takesWork, WORKER_LOST_SECONDS } from './live-workers'

const { sql } = Prisma

/** Of so many slots one is kept. */
const ONE_IN = 8
/** A job that runs for longer is long, and so is each other of its organization and type meanwhile. */
export const SHORT_SECONDS = 1

/** What an organization submits of a job type. */
export interface Kind {
  organizationId: string
  jobType: string
}

/**
 * Slots of a queue, over all workers that live and take work, and how many of them are kept: one in eight, at
 * least one. Nothing is kept where there is one organization only, or one slot.
 *
 * A worker that has just started keeps a share of its own. The one in whose place it came may have been killed, and
 * the slots of a killed one count until it is lost: the free one among them would pass for the one that is kept.
 */
export const slotsAndKept = (queue: QueueName): Prisma.Sql => sql`
  SELECT s.slots, s.workers, CASE WHEN s.slots < 2 OR (SELECT count(*) FROM (SELECT 1 FROM organizations WHERE status = 'ACTIVE' LIMIT 2) o) < 2
    THEN 0 ELSE (s.older + ${ONE_IN - 1}::int) / ${ONE_IN}::int + s.kept_by_new END AS kept
  FROM (
    SELECT COALESCE(sum(slots), 0)::int AS slots, (count(*) FILTER (WHERE slots > 0))::int AS workers, COALESCE(sum(slots) FILTER (WHERE NOT new), 0)::int AS older,
      COALESCE(sum((slots + ${ONE_IN - 1}::int) / ${ONE_IN}::int) FILTER (WHERE new), 0)::int AS kept_by_new
    FROM (
      SELECT slots, slots > 1 AND started_at > clock_timestamp() - ${WORKER_LOST_SECONDS}::int * interval '1 second' AS new
      FROM (SELECT started_at, ${slotsOf(queue)} AS slots FROM workers WHERE ${takesWork}) w) w) s`

/**
 * How many jobs may hold slots together that may be long, as `room`; null: as many as there is place for.
 * A slot that such a job has cannot be taken back, so the share is kept beforehand, and where concurrency is
 * taken: a job that is QUEUED already would sit before the slot that is kept.
 *
 * Jobs that were measured to be short may be QUEUED beyond the room, so that the next one lies ready where one ends.
 * They can turn out long all the same. Each worker therefore keeps its last free slot from them
 * (worker/run/last-slot.ts), and `flow` says how many slots are left to them over all workers.
 */
export const roomForLong = (queue: QueueName): Prisma.Sql => sql`
  SELECT CASE WHEN kept > 0 THEN slots - kept END AS room, CASE WHEN kept > 0 THEN slots - workers END AS flow
  FROM (${slotsAndKept(queue)}) k`

/** Of a job `j`, QUEUED or RUNNING: it has, or will get, a slot that counts. A worker that drains gives its slots to nobody. */
export const holdsSlot = sql`(j.status = 'QUEUED' OR j.worker_id IN (SELECT id FROM workers WHERE ${takesWork}))`

/** Of a job `j` that runs. */
export const runsLong = sql`j.started_at < statement_timestamp() - ${SHORT_SECONDS}::int * interval '1 second'`

/** Whether a row `r` is of one of these kinds. */
export const isOf = (
  kinds: readonly Kind[],
  r: Prisma.Sql,
): Prisma.Sql => sql`(${r}.organization_id, ${r}.job_type) IN (
  SELECT * FROM unnest(${kinds.map(({ organizationId }) => organizationId)}::uuid[], ${kinds.map(({ jobType }) => jobType)}::text[]) AS k(organization_id, job_type))`
