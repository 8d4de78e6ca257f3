import { Prisma, type DbOrTx } from '@/server/db'
import { EngineError } from '../domain/errors'
import { RETRYABLE_STATUSES, isRetryable } from '../domain/state'
import type { Actor, JobStatus, JobView } from '../domain/types'
import { takeHashes } from '../store/dedupe'
import { getJob } from '../store/job-view'
import { announce } from '../store/signals'
import { inTransaction } from '../store/transaction'
import { rankAt, transition } from '../store/transition'

/**
 * A person retries a job: it becomes PENDING, eligible at its run time or now, with its failures
 * forgotten. `attempt` goes on counting, so that a late report of an earlier attempt stays refused.
 *
 * @throws EngineError NOT_FOUND, ORGANIZATION_SUSPENDED, ILLEGAL_TRANSITION when the job is not
 * FAILED, TIMED_OUT, CANCELED or DEAD_LETTER, DUPLICATE_JOB when an identical job holds its hash.
 */
export async function retryJob(
  db: DbOrTx,
  { jobId, actor, reason }: { jobId: string; actor: Actor; reason?: string },
): Promise<JobView> {
  return inTransaction(db, async (tx) => {
    const [job] = await tx.$queryRaw<
      { status: JobStatus; organization_id: string; organization_status: string; job_type: string; dedupe_hash: Uint8Array | null }[]
    >`
      SELECT j.status, j.organization_id, o.status AS organization_status, j.job_type, j.dedupe_hash
      FROM jobs j JOIN organizations o ON o.id = j.organization_id WHERE j.id = ${jobId}::uuid FOR UPDATE OF j`
    if (!job || job.organization_status === 'DELETED') throw new EngineError('NOT_FOUND', `There is no job ${jobId} that you may see.`)
    if (job.organization_status === 'SUSPENDED') {
      throw new EngineError('ORGANIZATION_SUSPENDED', 'This organization is suspended: nothing can be retried until it is resumed.')
    }
    if (!isRetryable(job.status)) {
      const hint = job.status === 'COMPLETED' ? 'Submit it again to run it once more.' : 'It will run by itself.'
      throw new EngineError('ILLEGAL_TRANSITION', `Job ${jobId} is ${job.status}: there is nothing to retry. ${hint}`, {
        from: job.status,
        to: 'PENDING',
      })
    }
    if (job.dedupe_hash) {
      const [holder] = await takeHashes(tx, job.organization_id, [
        { jobId, jobType: job.job_type, hash: Buffer.from(job.dedupe_hash) },
      ])
      if (holder) {
        throw new EngineError(
          'DUPLICATE_JOB',
          `An identical job took its place: ${holder.existingJobId}, ${holder.existingStatus}. Wait for it, or submit this one again with dedupe: false.`,
          { existingJobId: holder.existingJobId, existingStatus: holder.existingStatus },
        )
      }
    }
    await transition(tx, {
      name: 'retry',
      from: RETRYABLE_STATUSES,
      to: 'PENDING',
      source: Prisma.sql`SELECT ${jobId}::uuid AS job_id, ${reason ?? null}::text AS reason`,
      lock: 'wait',
      set: Prisma.sql`failures = 0, lost = 0, progress = 0, progress_message = NULL, next_retry_at = NULL, finished_at = NULL,
        canceled_at = NULL, cancel_requested_at = NULL, canceled_by = NULL, cancel_reason = NULL,
        run_at = GREATEST(j.run_at, clock_timestamp()),
        rank_at = ${rankAt(Prisma.sql`GREATEST(j.run_at, clock_timestamp())`, Prisma.sql`j.priority`)}`,
      actor,
      message: Prisma.sql`COALESCE('Retried: ' || s.reason, 'Retried')`,
    })
    await announce(tx, true)
    return getJob(tx, jobId, { all: true })
  })
}
