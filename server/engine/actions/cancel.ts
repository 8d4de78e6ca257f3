import { Prisma, type DbOrTx } from '@/server/db'
import { EngineError } from '../domain/errors'
import { WAITING_STATUSES, isFinal } from '../domain/state'
import type { Actor, JobStatus, JobView } from '../domain/types'
import { freeHashes } from '../store/dedupe'
import { getJob } from '../store/job-view'
import { CHANNELS, announce, notify } from '../store/signals'
import { inTransaction } from '../store/transaction'
import { transition } from '../store/transition'

/**
 * Cancels a job. One that waits is CANCELED when this returns. For one that runs the cancel is
 * decided when this commits: whatever its attempt then answers becomes CANCELED, once its handler
 * has ended; a second cancel returns it unchanged.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when the job has ended.
 */
export async function cancelJob(
  db: DbOrTx,
  { jobId, actor, reason }: { jobId: string; actor: Actor; reason?: string },
): Promise<JobView> {
  return inTransaction(db, async (tx) => {
    const [job] = await tx.$queryRaw<{ status: JobStatus; cancel_requested_at: Date | null }[]>`
      SELECT status, cancel_requested_at FROM jobs WHERE id = ${jobId}::uuid FOR UPDATE`
    if (!job) throw new EngineError('NOT_FOUND', `There is no job ${jobId} that you may see.`)
    if (isFinal(job.status)) {
      throw new EngineError('ILLEGAL_TRANSITION', `Job ${jobId} is ${job.status}: there is nothing left to cancel.`, {
        from: job.status,
        to: 'CANCELED',
      })
    }
    if (job.status !== 'RUNNING') {
      await transition(tx, {
        name: 'cancel_waiting',
        from: WAITING_STATUSES,
        to: 'CANCELED',
        source: Prisma.sql`SELECT ${jobId}::uuid AS job_id, ${JSON.stringify(actor)}::jsonb AS canceled_by, ${reason ?? null}::text AS reason`,
        lock: 'wait',
        set: Prisma.sql`cancel_requested_at = clock_timestamp(), canceled_at = clock_timestamp(), finished_at = clock_timestamp(),
          next_retry_at = NULL, canceled_by = s.canceled_by, cancel_reason = s.reason`,
        actor,
        message: Prisma.sql`s.reason`,
        returning: Prisma.sql`j.job_type, j.dedupe_hash`,
        also: [freeHashes],
      })
      // Workers take its message out of BullMQ; a web request waits for no queue.
      if (job.status === 'QUEUED') await notify(tx, CHANNELS.signal, JSON.stringify({ cancel: [jobId] }))
      await announce(tx, false)
    } else if (job.cancel_requested_at === null) {
      await tx.$executeRaw`
        UPDATE jobs SET cancel_requested_at = clock_timestamp(), canceled_by = ${JSON.stringify(actor)}::jsonb, cancel_reason = ${reason ?? null}
        WHERE id = ${jobId}::uuid`
      await notify(tx, CHANNELS.signal, JSON.stringify({ cancel: [jobId] }))
      await announce(tx, false)
    }
    return getJob(tx, jobId, { all: true })
  })
}
