import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { EngineError, notVisible } from '../../domain/errors'
import { WAITING_STATUSES, isFinal } from '../../domain/state'
import type { Actor, JobStatus } from '../../domain/types'
import { freeHashes } from '../../store/admission/dedupe'
import { announce, signalJobs } from '../../store/signals'
import { inTransaction } from '../../store/transaction'
import { transition } from '../../store/transition'
import { followDeaths } from './dependents'

/**
 * Cancels a job. A job that waits is CANCELED when this returns, jobs that wait for it to complete go to DEAD_LETTER, and
 * jobs that wait for its end go on. For a job that runs, the cancel is decided when this commits: whatever its attempt
 * answers, the job becomes CANCELED once its handler has ended. A second cancel while it runs changes nothing.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when the job has ended
 */
export async function cancelJob(
  db: DbOrTx,
  { jobId, actor, reason }: { jobId: string; actor: Actor; reason?: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const [job] = await lock(tx, [jobId])
    if (!job) throw notVisible('job', jobId)
    if (isFinal(job.status)) {
      throw new EngineError('ILLEGAL_TRANSITION', `Job ${jobId} is ${job.status}: there is nothing left to cancel.`, {
        from: job.status,
        to: 'CANCELED',
      })
    }
    await cancelLocked(tx, [job], actor, reason)
  })
}

/** What happened to many jobs, in the order in which they were asked for, each once. */
export interface CanceledMany {
  /** Jobs that were canceled or asked to stop. Jobs that had been asked to stop before are among them. */
  changed: string[]
  skipped: { jobId: string; reason: 'NOT_FOUND' | 'ILLEGAL_TRANSITION' }[]
}

/** How many rows one transaction locks. */
const BATCH = 200

/**
 * Cancels many jobs, each as `cancelJob` does. Each batch is a transaction of its own, which keeps its rows locked for a
 * moment only. In a caller's transaction all rows stay locked until that ends. Jobs that have ended or do not exist are
 * skipped and named.
 */
export async function cancelJobs(
  db: DbOrTx,
  { jobIds, actor, reason }: { jobIds: readonly string[]; actor: Actor; reason?: string },
): Promise<CanceledMany> {
  const ids = [...new Set(jobIds)]
  const found = new Map<string, JobStatus>()
  for (let from = 0; from < ids.length; from += BATCH) {
    const jobs = await inTransaction(db, async (tx) => {
      const locked = await lock(tx, ids.slice(from, from + BATCH))
      await cancelLocked(
        tx,
        locked.filter(({ status }) => !isFinal(status)),
        actor,
        reason,
      )
      return locked
    })
    for (const { id, status } of jobs) found.set(id, status)
  }
  const skipped = ids.flatMap((jobId): CanceledMany['skipped'] => {
    const status = found.get(jobId)
    if (status === undefined) return [{ jobId, reason: 'NOT_FOUND' }]
    return isFinal(status) ? [{ jobId, reason: 'ILLEGAL_TRANSITION' }] : []
  })
  const left = new Set(skipped.map(({ jobId }) => jobId))
  return { changed: ids.filter((id) => !left.has(id)), skipped }
}

interface Locked {
  id: string
  status: JobStatus
  cancel_requested_at: Date | null
}

function lock(tx: Tx, jobIds: readonly string[]): Promise<Locked[]> {
  return tx.$queryRaw<Locked[]>`
    SELECT id, status, cancel_requested_at FROM jobs WHERE id = ANY(${[...jobIds]}::uuid[]) ORDER BY id FOR NO KEY UPDATE`
}

async function cancelLocked(tx: Tx, jobs: readonly Locked[], actor: Actor, reason: string | undefined): Promise<void> {
  const waiting = jobs.filter(({ status }) => status !== 'RUNNING')
  const running = jobs.filter(({ status, cancel_requested_at }) => status === 'RUNNING' && cancel_requested_at === null)
  const by = JSON.stringify(actor)
  let released = 0
  if (waiting.length > 0) {
    const ids = waiting.map(({ id }) => id)
    await transition(tx, {
      name: 'cancel_waiting',
      from: WAITING_STATUSES,
      to: 'CANCELED',
      source: Prisma.sql`SELECT c.id AS job_id, ${by}::jsonb AS canceled_by, ${reason ?? null}::text AS reason FROM unnest(${ids}::uuid[]) AS c(id)`,
      lock: 'wait',
      set: Prisma.sql`cancel_requested_at = clock_timestamp(), canceled_at = clock_timestamp(), finished_at = clock_timestamp(),
        next_retry_at = NULL, canceled_by = s.canceled_by, cancel_reason = s.reason`,
      actor,
      message: Prisma.sql`s.reason`,
      returning: Prisma.sql`j.job_type, j.dedupe_hash`,
      also: [freeHashes],
    })
    released = (await followDeaths(tx, ids)).released
  }
  if (running.length > 0) {
    await tx.$executeRaw`
      UPDATE jobs SET cancel_requested_at = clock_timestamp(), canceled_by = ${by}::jsonb, cancel_reason = ${reason ?? null}
      WHERE id = ANY(${running.map(({ id }) => id)}::uuid[])`
  }
  // Workers stop the handlers of running jobs, and remove the messages of the others from BullMQ. No request waits for
  // that.
  await signalJobs(
    tx,
    [...running, ...waiting.filter(({ status }) => status === 'QUEUED')].map(({ id }) => id),
  )
  if (waiting.length + running.length > 0) await announce(tx, { dispatch: released > 0 })
}
