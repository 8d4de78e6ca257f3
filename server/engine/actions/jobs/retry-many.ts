import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '@/server/db'
import type { SkipReason, Skipped } from '../../domain/bulk'
import { EngineError } from '../../domain/errors'
import { isFinal, isRetryable } from '../../domain/state'
import type { Actor, JobStatus } from '../../domain/types'
import { takeHashes } from '../../store/admission/dedupe'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'
import { holdToQuota, roomInQuota } from '../../store/admission/usage'
import { bringBack, retriedMessage, retryWithDescendants } from './retry'

interface Locked {
  id: string
  status: JobStatus
  job_type: string
  dedupe_hash: Uint8Array | null
  /** True where the job waits for a dead or deleted job, or others died because of it. */
  related: boolean
}

interface RetryRequest {
  actor: Actor
  reason?: string
  /** The decision that these retries carry out, for what is noted about causes of failures (store/cause-acts.ts). */
  actId: string
}

/** What became of many retries. */
export interface RetriedMany {
  changed: string[]
  skipped: Skipped[]
  /** Descendants that came back together with one of the jobs, whether they were asked for or not. */
  revived: string[]
}

/**
 * Retries many jobs of one organization, each as `retryJob` does. The caller holds their rows. Jobs that cannot be
 * retried are skipped and named. Jobs without dead parents and without others that died because of them, which nearly
 * all are, go in a few statements. The rest goes one by one, oldest first, so that a job which a parent brings back
 * counts as done.
 */
export async function retryJobs(
  tx: Tx,
  {
    organizationId,
    jobIds,
    actor,
    reason,
    actId = uuidv7(),
  }: { organizationId: string; jobIds: readonly string[]; actor: Actor; reason?: string; actId?: string },
): Promise<RetriedMany> {
  const jobs = await readLocked(tx, jobIds)
  const skipped: Skipped[] = jobs
    .filter(({ status }) => !isRetryable(status))
    .map(({ id }) => ({ jobId: id, reason: 'ILLEGAL_TRANSITION' }))
  const retryable = jobs.filter(({ status }) => isRetryable(status))
  const alone = await retryAlone(
    tx,
    organizationId,
    retryable.filter(({ related }) => !related),
    { actor, reason, actId },
  )
  const changed = alone.changed
  skipped.push(...alone.skipped)

  const revived = new Set<string>()
  for (const { id } of retryable.filter(({ related }) => related)) {
    if (revived.has(id)) {
      changed.push(id)
      continue
    }
    try {
      const back = await inTransaction(tx, (inner) => retryWithDescendants(inner, { jobId: id, actor, reason, actId }))
      changed.push(id)
      for (const each of back) revived.add(each)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      skipped.push({ jobId: id, reason: error.reason as SkipReason })
    }
  }
  return { changed, skipped, revived: [...revived] }
}

/** With OFFSET 0 the parents of each job are looked up. Otherwise all dependencies that there are may be read at once. */
function readLocked(tx: Tx, jobIds: readonly string[]): Promise<Locked[]> {
  return tx.$queryRaw<Locked[]>`
    SELECT j.id, j.status, j.job_type, j.dedupe_hash,
      EXISTS (SELECT 1 FROM jobs d WHERE d.cause_job_id = j.id)
        OR EXISTS (
          SELECT 1 FROM job_dependencies d LEFT JOIN jobs p ON p.id = d.parent_id
          WHERE d.job_id = j.id AND NOT d.on_ended AND (p.id IS NULL OR p.status IN ('DEAD_LETTER', 'CANCELED')) OFFSET 0) AS related
    FROM jobs j WHERE j.id = ANY(${[...jobIds]}::uuid[]) ORDER BY j.id`
}

/**
 * Retries as many as the quota has room for. FAILED and TIMED_OUT jobs count as unfinished already, so they need no
 * room.
 */
async function retryAlone(
  tx: Tx,
  organizationId: string,
  jobs: readonly Locked[],
  given: RetryRequest,
): Promise<Pick<RetriedMany, 'changed' | 'skipped'>> {
  const ended = jobs.filter(({ status }) => isFinal(status))
  const room = ended.length > 0 ? await roomInQuota(tx, organizationId) : 0
  try {
    return await inTransaction(tx, (inner) => retryWithin(inner, organizationId, jobs, room, given))
  } catch (error) {
    if (!(error instanceof EngineError && error.reason === 'QUEUE_FULL')) throw error
    // Others have used the room in the meantime. So only jobs that need no room come back.
    return retryWithin(tx, organizationId, jobs, 0, given)
  }
}

/** @param room how many jobs that have ended may come back */
async function retryWithin(
  tx: Tx,
  organizationId: string,
  jobs: readonly Locked[],
  room: number,
  given: RetryRequest,
): Promise<Pick<RetriedMany, 'changed' | 'skipped'>> {
  const full = new Set(
    jobs
      .filter(({ status }) => isFinal(status))
      .slice(room)
      .map(({ id }) => id),
  )
  const fitting = jobs.filter(({ id }) => !full.has(id))
  const claims = fitting.flatMap(({ id, job_type, dedupe_hash }) =>
    dedupe_hash ? [{ jobId: id, jobType: job_type, hash: Buffer.from(dedupe_hash) }] : [],
  )
  const duplicates = new Set((await takeHashes(tx, organizationId, claims)).map(({ jobId }) => jobId))
  const back = fitting.filter(({ id }) => !duplicates.has(id))
  if (back.length > 0) {
    await bringBack(
      tx,
      back.map(({ id }) => ({ job_id: id, message: retriedMessage(given.reason) })),
      given,
    )
    await announce(tx, { dispatch: true, organizationId })
    if (back.some(({ status }) => isFinal(status))) await holdToQuota(tx, organizationId)
  }
  return {
    changed: back.map(({ id }) => id),
    skipped: jobs.flatMap(({ id }): Skipped[] => {
      if (full.has(id)) return [{ jobId: id, reason: 'QUEUE_FULL' }]
      return duplicates.has(id) ? [{ jobId: id, reason: 'DUPLICATE_JOB' }] : []
    }),
  }
}
