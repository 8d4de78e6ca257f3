import { Prisma } from '@/server/db'
import type { QueueName } from '../domain/types'
import { WORKER_LOST_SECONDS } from './workers'

const { sql } = Prisma

/** Of so many slots one is kept. */
const ONE_IN = 8
/** A job whose type has a longer mean run counts as long; so does each of an organization and type of which one runs for longer. */
export const SHORT_SECONDS = 1

/** Slots of a queue, over all workers that live and take work, and how many of them are kept. */
export const slotsAndKept = (queue: QueueName): Prisma.Sql => sql`
  SELECT s.slots, CASE WHEN s.slots < 2 OR (SELECT count(*) FROM (SELECT 1 FROM organizations WHERE status = 'ACTIVE' LIMIT 2) o) < 2
    THEN 0 ELSE (s.slots + ${ONE_IN - 1}::int) / ${ONE_IN}::int END AS kept
  FROM (
    SELECT COALESCE(sum(${queue === 'ISOLATED' ? sql`isolated_slots` : sql`inline_slots`}), 0)::int AS slots FROM workers
    WHERE stopped_at IS NULL AND draining_at IS NULL AND last_seen_at > clock_timestamp() - ${WORKER_LOST_SECONDS}::int * interval '1 second') s`

/**
 * How many jobs that may run long may be QUEUED and RUNNING together, as `room`; null: as many as there
 * is place for. A slot that such a job has cannot be taken back, so the share is kept beforehand, and where
 * concurrency is taken: a job that is QUEUED already would sit before the slot that is kept.
 *
 * Nothing is kept where there is one organization only, or one slot.
 */
export const roomForLong = (queue: QueueName): Prisma.Sql => sql`
  SELECT CASE WHEN kept > 0 THEN slots - kept END AS room FROM (${slotsAndKept(queue)}) k`

/** Of a job `j` that runs. */
export const runsLong = sql`j.started_at < statement_timestamp() - ${SHORT_SECONDS}::int * interval '1 second'`
