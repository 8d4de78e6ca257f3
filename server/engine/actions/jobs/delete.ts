import { v7 as uuidv7 } from 'uuid'
import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { EngineError, notVisible } from '../../domain/errors'
import { FINAL_STATUSES, UNFINISHED_STATUSES, isFinal } from '../../domain/state'
import type { Actor, JobStatus } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { deadOf, noteAct } from '../../store/cause-acts'
import { inTransaction } from '../../store/transaction'

// Removes jobs that have ended, with all that belongs to them.

const { sql, join } = Prisma
// Statuses are compared as text here (`status::text`), so that PostgreSQL looks for jobs by their ids and not by their
// status.
const unfinished = join(UNFINISHED_STATUSES.map((status) => sql`${status}`))
const final = join(FINAL_STATUSES.map((status) => sql`${status}`))

/**
 * Removes a job that has ended, with its attempts, logs, history, result and artifacts. The audit keeps a record of it.
 * The files of its artifacts are removed a little later by maintenance.
 *
 * @throws EngineError NOT_FOUND; ILLEGAL_TRANSITION while it has not ended, or while others wait for it
 */
export async function deleteJob(
  db: DbOrTx,
  { jobId, actor, reason, address }: { jobId: string; actor: Actor; reason?: string; address: string | null },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const [job] = await tx.$queryRaw<
      { status: JobStatus; organization_id: string; job_type: string; created_at: Date }[]
    >`
      SELECT status, organization_id, job_type, created_at FROM jobs WHERE id = ${jobId}::uuid FOR UPDATE`
    if (!job) throw notVisible('job', jobId)
    if (!isFinal(job.status)) {
      throw new EngineError('ILLEGAL_TRANSITION', `Job ${jobId} is ${job.status}: cancel it before you delete it.`, {
        from: job.status,
        to: 'deleted',
      })
    }
    const dead = await deadOf(tx, [jobId])
    if ((await removeJobs(tx, [jobId])).length === 0) {
      throw new EngineError(
        'ILLEGAL_TRANSITION',
        `Other jobs wait for job ${jobId}: cancel them, or let them end, before you delete it.`,
        {
          from: job.status,
          to: 'deleted',
        },
      )
    }
    await noteAct(tx, { actId: uuidv7(), kind: 'DELETE', actor, reason }, dead)
    await writeAudit(tx, {
      organizationId: job.organization_id,
      actor,
      address,
      action: 'job.delete',
      targetType: 'job',
      targetId: jobId,
      reason,
      before: { jobType: job.job_type, status: job.status, createdAt: job.created_at.toISOString() },
    })
  })
}

/**
 * Removes each of these jobs that has ended and that no unfinished job waits for, with all that belongs to it. What is not
 * deleted here goes with the row of the job, by foreign keys, and its history and attempts by a trigger. Its files are
 * marked for removal. Returns the ids of the removed jobs. A job that somebody else has locked, because
 * a submission names it as a parent or a person retries it, is left out. With `wait` it is waited for.
 */
export async function removeJobs(
  tx: Tx,
  jobIds: readonly string[],
  { wait = false }: { wait?: boolean } = {},
): Promise<string[]> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM jobs WHERE id = ANY(${[...jobIds]}::uuid[]) AND status::text IN (${final}) ORDER BY id FOR UPDATE ${Prisma.raw(wait ? '' : 'SKIP LOCKED')}`
  // This is a statement of its own, because it must see children that were submitted until the lock was taken. With
  // OFFSET 0 the children of each job are looked up: as a join, all dependencies that there are were read for 200 jobs.
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM unnest(${locked.map(({ id }) => id)}::uuid[]) AS p(id)
    WHERE NOT EXISTS (
      SELECT 1 FROM job_dependencies d JOIN jobs c ON c.id = d.job_id WHERE d.parent_id = p.id AND c.status::text IN (${unfinished}) OFFSET 0)`
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const gone = sql`${ids}::uuid[]`
  await tx.$executeRaw`
    INSERT INTO discarded_files (storage_key) SELECT storage_key FROM artifacts WHERE job_id = ANY(${gone}) ON CONFLICT DO NOTHING`
  // Children that needed a job which did not complete keep its id, because it explains why they can never run again.
  // They are looked up for each job, as above.
  await tx.$executeRaw`
    DELETE FROM job_dependencies d USING unnest(${gone}) AS g(id) CROSS JOIN LATERAL (
      SELECT c.job_id FROM job_dependencies c JOIN jobs p ON p.id = c.parent_id
      WHERE c.parent_id = g.id AND (p.status = 'COMPLETED' OR c.on_ended) OFFSET 0) c
    WHERE d.job_id = c.job_id AND d.parent_id = g.id`
  await tx.$executeRaw`
    DELETE FROM dedupe_claims c USING jobs j
    WHERE j.id = ANY(${gone}) AND c.organization_id = j.organization_id AND c.job_type = j.job_type AND c.hash = j.dedupe_hash AND c.job_id = j.id`
  await tx.$executeRaw`
    DELETE FROM idempotency_keys k USING jobs j
    WHERE j.id = ANY(${gone}) AND k.organization_id = j.organization_id AND k.job_type = j.job_type AND k.job_id = j.id`
  await tx.$executeRaw`
    WITH deleted AS (DELETE FROM jobs WHERE id = ANY(${gone}) RETURNING organization_id, status)
    INSERT INTO usage_deltas (organization_id, delta, completed, canceled, dead)
    SELECT organization_id, 0, -count(*) FILTER (WHERE status = 'COMPLETED'), -count(*) FILTER (WHERE status = 'CANCELED'),
      -count(*) FILTER (WHERE status = 'DEAD_LETTER')
    FROM deleted GROUP BY organization_id`
  return ids
}
