import { Prisma, type Tx } from '@/server/db'
import type { ActKind, BulkFact, Skipped } from '../../domain/bulk'
import type { Actor, JobStatus } from '../../domain/types'
import { deadOf, noteAct } from '../../store/cause-acts'
import { cancelJobs } from './cancel'
import { removeJobs } from './delete'
import { retryJobs } from './retry-many'

/** How many rows one transaction locks. A worker that writes an outcome waits for no more than these. */
export const BULK_PART = 200

/** The decision that every part of a bulk action carries out. */
export interface Act {
  kind: ActKind
  organizationId: string
  /** The requester, where it may act on its own jobs only. */
  onlyOf?: Pick<Actor, 'type' | 'id'>
  actor: Actor
  reason?: string
  /** All its parts share it. */
  actId: string
}

export interface PartDone {
  changed: string[]
  skipped: Skipped[]
  /** The state of every job of the part before the act. */
  facts: BulkFact[]
  /** Jobs that came back because one of these was retried. */
  revived: string[]
}

/**
 * Does to these jobs what `kind` says, in the same way as the act on a single job, and tells what happened to each.
 * Their rows are locked in the order of ids until the caller's transaction ends.
 */
export async function doPart(
  tx: Tx,
  { kind, organizationId, onlyOf, actor, reason, actId }: Act,
  jobIds: readonly string[],
): Promise<PartDone> {
  const rows = new Map((await lock(tx, kind, organizationId, jobIds)).map((row) => [row.id, row]))
  const skipped: Skipped[] = []
  const mine: string[] = []
  for (const jobId of jobIds) {
    const row = rows.get(jobId)
    if (!row) skipped.push({ jobId, reason: 'NOT_FOUND' })
    else if (onlyOf && (row.type !== onlyOf.type.toUpperCase() || row.by !== onlyOf.id))
      skipped.push({ jobId, reason: 'NOT_PERMITTED' })
    else mine.push(jobId)
  }
  const facts = jobIds.map((jobId) => ({
    jobId,
    jobType: rows.get(jobId)?.job_type ?? null,
    status: rows.get(jobId)?.status ?? null,
  }))
  const done =
    mine.length === 0
      ? { changed: [], skipped: [], revived: [] }
      : await ACTS[kind](tx, { organizationId, jobIds: mine, actor, reason, actId })
  return { changed: done.changed, skipped: [...skipped, ...done.skipped], facts, revived: done.revived }
}

interface PartRequest {
  organizationId: string
  jobIds: readonly string[]
  actor: Actor
  reason?: string
  actId: string
}

const ACTS: Record<
  ActKind,
  (tx: Tx, given: PartRequest) => Promise<Pick<PartDone, 'changed' | 'skipped' | 'revived'>>
> = {
  CANCEL: async (tx, given) => ({ ...(await cancelJobs(tx, given)), revived: [] }),
  RETRY: retryJobs,
  DELETE: async (tx, { jobIds, actor, reason, actId }) => {
    const dead = await deadOf(tx, jobIds)
    const gone = new Set(await removeJobs(tx, jobIds, { wait: true }))
    await noteAct(
      tx,
      { actId, kind: 'DELETE', actor, reason },
      dead.filter(({ jobId }) => gone.has(jobId)),
    )
    return {
      changed: jobIds.filter((id) => gone.has(id)),
      skipped: jobIds.filter((id) => !gone.has(id)).map((jobId) => ({ jobId, reason: 'ILLEGAL_TRANSITION' })),
      revived: [],
    }
  },
}

function lock(tx: Tx, kind: ActKind, organizationId: string, jobIds: readonly string[]) {
  // Rows are locked as strongly as the act needs. Locking a row a second time and more strongly could cause deadlocks.
  const strength = Prisma.raw(kind === 'DELETE' ? 'UPDATE' : 'NO KEY UPDATE')
  return tx.$queryRaw<{ id: string; job_type: string; status: JobStatus; type: string; by: string | null }[]>`
    SELECT id, job_type, status, submitted_by_type AS type, submitted_by_id AS by FROM jobs
    WHERE id = ANY(${[...jobIds]}::uuid[]) AND organization_id = ${organizationId}::uuid ORDER BY id FOR ${strength}`
}
