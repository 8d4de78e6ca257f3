import { v7 as uuidv7 } from 'uuid'
import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { EngineError, notVisible } from '../../domain/errors'
import { RETRYABLE_STATUSES, isFinal, isRetryable } from '../../domain/state'
import type { Actor, JobStatus } from '../../domain/types'
import { takeHashes } from '../../store/admission/dedupe'
import { openCount } from '../../store/open-parents'
import { waitAgain } from './dependents'
import { openParents, type OpenParent } from '../../store/admission/dependencies'
import { keepMessageWords } from '../../store/reads/search'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'
import { isDueAt, rankAt } from '../../store/rank'
import { transition } from '../../store/transition'
import { holdToQuota } from '../../store/admission/usage'
import { deadOf, noteAct } from '../../store/cause-acts'

interface Retried {
  id: string
  job_type: string
  dedupe_hash: Uint8Array | null
}

/**
 * A person retries a job. It becomes PENDING and may run at its run time, or now where that has passed, and its failures
 * are forgotten. Every descendant that died because of it comes back, too. `attempt` goes on counting, so that a late
 * report of an earlier attempt stays refused. Either all of this happens or none.
 *
 * @throws EngineError NOT_FOUND, ORGANIZATION_SUSPENDED, ILLEGAL_TRANSITION when the job is not FAILED, TIMED_OUT,
 * CANCELED or DEAD_LETTER, INVALID_DEPENDENCY when a parent of it is dead, canceled or deleted, DUPLICATE_JOB when an
 * identical job holds the hash of one of them, QUEUE_FULL
 */
export async function retryJob(
  db: DbOrTx,
  { jobId, actor, reason }: { jobId: string; actor: Actor; reason?: string },
): Promise<void> {
  await inTransaction(db, (tx) => retryWithDescendants(tx, { jobId, actor, reason }))
}

/** `retryJob` within an open transaction. Returns the ids of all jobs that came back, the job's own first. */
export async function retryWithDescendants(
  tx: Tx,
  { jobId, actor, reason, actId = uuidv7() }: { jobId: string; actor: Actor; reason?: string; actId?: string },
): Promise<string[]> {
  const job = await lockRetryable(tx, jobId)
  refuseDeadParents(await openParents(tx, [jobId]))
  const descendants = await revivable(tx, jobId)
  await takeHashesAgain(tx, job.organization_id, [job, ...descendants])
  const ids = [jobId, ...descendants.map(({ id }) => id)]
  await bringBack(
    tx,
    ids.map((id) => ({ job_id: id, message: id === jobId ? retriedMessage(reason) : `Revived with job ${jobId}` })),
    { actId, actor, reason },
  )
  await announce(tx, { dispatch: true, organizationId: job.organization_id })
  // A job that waited for its retry has counted as unfinished all the time, so the quota need not be asked for it.
  if (isFinal(job.status) || descendants.length > 0) await holdToQuota(tx, job.organization_id)
  return ids
}

export const retriedMessage = (reason: string | undefined) => (reason === undefined ? 'Retried' : `Retried: ${reason}`)

/**
 * Makes jobs PENDING, and notes for the causes of dead ones that somebody acted. The caller sees to parents, hashes and
 * the quota.
 */
export async function bringBack(
  tx: Tx,
  rows: readonly { job_id: string; message: string }[],
  { actId, actor, reason }: { actId: string; actor: Actor; reason?: string },
): Promise<void> {
  const dead = await deadOf(
    tx,
    rows.map(({ job_id }) => job_id),
  )
  await noteAct(tx, { actId, kind: 'RETRY', actor, reason }, dead)
  await transition(tx, {
    name: 'retry',
    from: RETRYABLE_STATUSES,
    to: 'PENDING',
    source: Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS s(job_id uuid, message text)`,
    lock: 'wait',
    // A job keeps its own last error until it runs again. An error that only names the parent of which the job died goes.
    set: Prisma.sql`failures = 0, lost = 0, progress = 0, progress_message = NULL, next_retry_at = NULL, finished_at = NULL,
      canceled_at = NULL, cancel_requested_at = NULL, canceled_by = NULL, cancel_reason = NULL,
      error_message = CASE WHEN j.cause_job_id IS NULL THEN j.error_message END,
      error_class = CASE WHEN j.cause_job_id IS NULL THEN j.error_class END,
      error_fingerprint = CASE WHEN j.cause_job_id IS NULL THEN j.error_fingerprint END,
      cause_job_id = NULL,
      pending_parents = ${openCount(Prisma.sql`j.id`)},
      run_at = GREATEST(j.run_at, clock_timestamp()),
      rank_at = ${rankAt(Prisma.sql`GREATEST(j.run_at, clock_timestamp())`, Prisma.sql`j.priority`)},
      is_due = ${isDueAt(Prisma.sql`j.run_at`)}`,
    actor,
    message: Prisma.sql`s.message`,
  })
  await waitAgain(
    tx,
    rows.map(({ job_id }) => job_id),
  )
}

async function lockRetryable(tx: Tx, jobId: string): Promise<Retried & { status: JobStatus; organization_id: string }> {
  const [job] = await tx.$queryRaw<
    (Retried & { status: JobStatus; organization_id: string; organization_status: string })[]
  >`
    SELECT j.id, j.status, j.organization_id, o.status AS organization_status, j.job_type, j.dedupe_hash
    FROM jobs j JOIN organizations o ON o.id = j.organization_id WHERE j.id = ${jobId}::uuid FOR NO KEY UPDATE OF j`
  if (!job || job.organization_status === 'DELETED') throw notVisible('job', jobId)
  if (job.organization_status === 'SUSPENDED') {
    throw new EngineError(
      'ORGANIZATION_SUSPENDED',
      'This organization is suspended: nothing can be retried until it is resumed.',
    )
  }
  if (!isRetryable(job.status)) {
    const hint = job.status === 'COMPLETED' ? 'Submit it again to run it once more.' : 'It will run by itself.'
    throw new EngineError('ILLEGAL_TRANSITION', `Job ${jobId} is ${job.status}: there is nothing to retry. ${hint}`, {
      from: job.status,
      to: 'PENDING',
    })
  }
  return job
}

/** Refuses a job that waits for a dead one, because it would die again at once. */
function refuseDeadParents(parents: readonly OpenParent[]): void {
  for (const { jobId, parentId, status } of parents) {
    const problem = (message: string) => ({ fields: [{ path: 'jobId', message }] })
    if (status === null) {
      const message = `Job ${jobId} waits for job ${parentId}, which was deleted before it was COMPLETED. Submit the job again.`
      throw new EngineError('INVALID_DEPENDENCY', message, problem(message))
    }
    if (isDead(status)) {
      const message = `Job ${jobId} waits for job ${parentId}, which is ${status}. Retry that one: it brings back what died with it.`
      throw new EngineError('INVALID_DEPENDENCY', message, problem(message))
    }
  }
}

const isDead = (status: JobStatus | null) => status === null || status === 'DEAD_LETTER' || status === 'CANCELED'

/**
 * The descendants that died because of this job and may come back. One that has another dead parent stays dead. That
 * parent becomes its cause, so that a retry of the parent brings it back.
 */
async function revivable(tx: Tx, jobId: string): Promise<Retried[]> {
  const died = await tx.$queryRaw<Retried[]>`
    SELECT id, job_type, dedupe_hash FROM jobs WHERE cause_job_id = ${jobId}::uuid AND status = 'DEAD_LETTER' ORDER BY id FOR NO KEY UPDATE`
  if (died.length === 0) return []
  const alive = new Set([jobId, ...died.map(({ id }) => id)])
  const causes = new Map<string, string>()
  const parents = await openParents(
    tx,
    died.map(({ id }) => id),
  )
  // Each round finds jobs whose parent stays dead. Their own children are found in the next round.
  for (let before = -1; before !== causes.size;) {
    before = causes.size
    for (const parent of parents) {
      if (!alive.has(parent.jobId) || alive.has(parent.parentId) || !isDead(parent.status)) continue
      alive.delete(parent.jobId)
      causes.set(parent.jobId, causes.get(parent.parentId) ?? parent.causeJobId ?? parent.parentId)
    }
  }
  if (causes.size > 0) {
    const rows = JSON.stringify([...causes].map(([id, cause]) => ({ id, cause })))
    await tx.$executeRaw`
      WITH moved AS (
        UPDATE jobs j SET cause_job_id = s.cause, error_message = 'It waited for job ' || s.cause || ', which did not complete'
        FROM jsonb_to_recordset(${rows}::jsonb) AS s(id uuid, cause uuid) WHERE j.id = s.id
        RETURNING j.id AS job_id, j.organization_id, j.error_message AS message
      ), ${keepMessageWords}
      SELECT 1`
  }
  return died.filter(({ id }) => alive.has(id))
}

async function takeHashesAgain(tx: Tx, organizationId: string, jobs: readonly Retried[]): Promise<void> {
  const claims = jobs.flatMap(({ id, job_type, dedupe_hash }) =>
    dedupe_hash ? [{ jobId: id, jobType: job_type, hash: Buffer.from(dedupe_hash) }] : [],
  )
  const [holder] = await takeHashes(tx, organizationId, claims)
  if (!holder) return
  const which =
    holder.jobId === jobs[0]?.id
      ? 'An identical job took its place'
      : `An identical job took the place of job ${holder.jobId}, which would be revived with it`
  throw new EngineError(
    'DUPLICATE_JOB',
    `${which}: ${holder.existingJobId}, ${holder.existingStatus}. Wait for it, or submit this one again with dedupe: false.`,
    { existingJobId: holder.existingJobId, existingStatus: holder.existingStatus },
  )
}
