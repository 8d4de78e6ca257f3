import { Prisma, type Db } from '@/server/db'
import { systemActor, type QueueName } from '../domain/types'
import { retryConflicts } from '../store/transaction'
import { statementName, transition, type Moved } from '../store/transition'
import { liveSlots } from './presence'

export type { QueueName }

/** A job that is QUEUED and whose message has to reach BullMQ. */
export interface Dispatched {
  jobId: string
  jobType: string
  dispatch: number
}

const actor = systemActor('dispatcher')

/**
 * Takes up to `limit` eligible jobs of one queue, by rank, and commits them as QUEUED with their next
 * dispatch number. The caller publishes them afterwards; when it dies in between, the reconciler
 * finds them. Several dispatchers may run: each takes rows that no other holds.
 */
export function dispatchJobs(db: Db, queue: QueueName, limit: number): Promise<Dispatched[]> {
  return retryConflicts(async () => {
    const rows = await transition<Moved & { job_type: string; dispatch: number }>(db, {
      name: 'dispatch',
      from: ['PENDING', 'FAILED', 'TIMED_OUT'],
      to: 'QUEUED',
      source: Prisma.sql`
        SELECT j.id AS job_id, j.status AS from_status FROM jobs j
        WHERE j.queue = ${queue}::"JobQueue" AND j.rank_at <= clock_timestamp()
          AND j.status IN ('PENDING', 'FAILED', 'TIMED_OUT') AND j.pending_parents = 0
          AND COALESCE(j.next_retry_at, j.run_at) <= clock_timestamp()
          AND EXISTS (SELECT 1 FROM organizations o WHERE o.id = j.organization_id AND o.status = 'ACTIVE')
          AND EXISTS (SELECT 1 FROM job_types t WHERE t.name = j.job_type AND t.enabled)
        ORDER BY j.rank_at, j.id LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
      lock: 'source',
      set: Prisma.sql`dispatch = j.dispatch + 1, queued_at = clock_timestamp(), next_retry_at = NULL`,
      actor,
      returning: Prisma.sql`j.job_type, j.dispatch, j.rank_at`,
      select: Prisma.sql`SELECT job_id, attempt, from_status, job_type, dispatch FROM moved ORDER BY rank_at, job_id`,
    })
    return rows.map((row) => ({ jobId: row.job_id, jobType: row.job_type, dispatch: row.dispatch }))
  })
}

/** What one queue carries just now, over all workers. */
export interface Load {
  queued: number
  running: number
  /** Slots of the workers that live and take work. */
  slots: number
}

/** The depth of BullMQ as PostgreSQL knows it. */
export async function loads(db: Db): Promise<Record<QueueName, Load>> {
  const [rows, slots] = await Promise.all([
    db.$queryRaw<{ queue: QueueName; queued: number; running: number }[]>(Prisma.sql`${statementName('loads')}
      SELECT queue, count(*) FILTER (WHERE status = 'QUEUED')::int AS queued, count(*) FILTER (WHERE status = 'RUNNING')::int AS running
      FROM jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY queue`),
    liveSlots(db),
  ])
  const of = (queue: QueueName): Load => {
    const row = rows.find((each) => each.queue === queue)
    return { queued: row?.queued ?? 0, running: row?.running ?? 0, slots: slots[queue] }
  }
  return { ISOLATED: of('ISOLATED'), INLINE: of('INLINE') }
}

/**
 * Puts QUEUED jobs back where their dispatch still matches: publishing failed for certain, or their
 * message is nowhere. Returns how many moved.
 */
export async function returnToPending(db: Db, jobs: readonly { jobId: string; dispatch: number }[], message: string): Promise<number> {
  if (jobs.length === 0) return 0
  const rows = JSON.stringify(jobs.map(({ jobId, dispatch }) => ({ job_id: jobId, dispatch })))
  const moved = await retryConflicts(() =>
    transition(db, {
      name: 'return',
      from: ['QUEUED'],
      to: 'PENDING',
      source: Prisma.sql`SELECT s.*, ${message}::text AS message FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, dispatch int)`,
      fence: Prisma.sql`j.dispatch = s.dispatch`,
      lock: 'skip',
      set: Prisma.sql`queued_at = NULL`,
      actor,
      message: Prisma.sql`s.message`,
    }),
  )
  return moved.length
}

/** Jobs QUEUED for longer than `seconds`, for the reconciler to look for in BullMQ. */
export async function longQueued(db: Db, seconds: number): Promise<{ jobId: string; dispatch: number; seconds: number }[]> {
  const rows = await db.$queryRaw<{ id: string; dispatch: number; seconds: number }[]>`
    SELECT id, dispatch, EXTRACT(EPOCH FROM clock_timestamp() - queued_at)::float8 AS seconds FROM jobs
    WHERE status = 'QUEUED' AND queued_at < clock_timestamp() - ${seconds} * interval '1 second' ORDER BY id LIMIT 5000`
  return rows.map(({ id, ...rest }) => ({ jobId: id, ...rest }))
}
