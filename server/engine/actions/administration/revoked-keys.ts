import { Prisma, type Db, type Tx } from '@/server/db'
import { UNFINISHED_STATUSES } from '../../domain/state'
import type { Actor } from '../../domain/types'
import { jobsOfKey, type ApiKeyView } from '../../store/administration/api-keys'
import { writeAudit } from '../../store/administration/audit'
import { withoutWaiting } from '../../store/transaction'
import { cancelJobs } from '../jobs/cancel'

// What happens to the waiting jobs of an API key that was revoked.

/** What becomes of waiting jobs when their key is revoked. */
export type Disposal = 'cancel' | 'transfer'

/** How many rows one transaction locks. A worker that writes an outcome waits for no more than these. */
export const BATCH = 500
/** How many jobs of one key one sweep takes. The next sweep goes on. */
const PER_SWEEP = 10_000

type RevokedKey = Pick<ApiKeyView, 'id' | 'organizationId' | 'name'> & { revokedBy: Actor; disposal: Disposal }

/**
 * Carries out revocations. Jobs of revoked keys that still wait are canceled or pass to the actor who revoked, in
 * batches. A key is finished when no job is left to be canceled or passed on a minute after it was revoked, because by
 * then every submission that began before has ended. Returns how many jobs it dealt with.
 */
export async function sweepRevokedKeys(db: Db): Promise<number> {
  const keys = await db.$queryRaw<RevokedKey[]>`
    SELECT id, organization_id AS "organizationId", name, revoked_by AS "revokedBy", lower(waiting_jobs::text) AS disposal
    FROM api_keys WHERE waiting_jobs IS NOT NULL ORDER BY revoked_at`
  let done = 0
  for (const key of keys) {
    // Running jobs pass too, so that a retry of them has a submitter who is allowed to run it.
    const jobIds = await jobsOfKey(db, key, { limit: PER_SWEEP, running: key.disposal === 'transfer' })
    for (let at = 0; at < jobIds.length; at += BATCH) {
      const settle = (ids: readonly string[]) => withoutWaiting(db, (tx) => settleJobs(tx, key, ids, { address: null }))
      const batch = jobIds.slice(at, at + BATCH)
      const settled = await settle(batch)
      done += settled ?? 0
      // A locked job must not keep the others of its batch back, so they are taken one by one.
      if (settled === undefined) for (const id of batch) done += (await settle([id])) ?? 0
    }
    if (jobIds.length > 0) continue
    await db.$executeRaw`
      UPDATE api_keys SET waiting_jobs = NULL WHERE id = ${key.id}::uuid AND revoked_at < clock_timestamp() - interval '1 minute'`
  }
  return done
}

/** Cancels these jobs of a revoked key or passes them on, and writes the audit. Returns how many. */
export async function settleJobs(
  tx: Tx,
  key: RevokedKey,
  jobIds: readonly string[],
  { address, reason }: { address: string | null; reason?: string | null },
): Promise<number> {
  if (jobIds.length === 0) return 0
  const settled = key.disposal === 'cancel' ? await cancel(tx, key, jobIds) : await transfer(tx, key, jobIds)
  if (settled.length === 0) return 0
  await writeAudit(tx, {
    organizationId: key.organizationId,
    actor: key.revokedBy,
    address,
    reason,
    action: key.disposal === 'cancel' ? 'apiKey.cancelJobs' : 'apiKey.transferJobs',
    targetType: 'apiKey',
    targetId: key.id,
    before: { submittedBy: { type: 'key', id: key.id, name: key.name } },
    after: key.disposal === 'cancel' ? { canceled: settled } : { submittedBy: { ...key.revokedBy }, jobs: settled },
  })
  return settled.length
}

async function cancel(tx: Tx, { name, revokedBy }: RevokedKey, jobIds: readonly string[]): Promise<string[]> {
  const { changed } = await cancelJobs(tx, { jobIds, actor: revokedBy, reason: `API key “${name}” was revoked` })
  return changed
}

/**
 * A job that somebody else has locked is left for the next sweep. The status is compared as text, so that PostgreSQL
 * looks for the jobs by their ids and not by their status.
 */
async function transfer(tx: Tx, { id, revokedBy }: RevokedKey, jobIds: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH held AS (
      SELECT id FROM jobs
      WHERE id = ANY(${[...jobIds]}::uuid[]) AND status::text IN (${Prisma.join([...UNFINISHED_STATUSES])})
        AND submitted_by_type = 'KEY' AND submitted_by_id = ${id}::uuid
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ),
    moved AS (
      UPDATE jobs j SET submitted_by_type = ${revokedBy.type.toUpperCase()}::"ActorType", submitted_by_id = ${revokedBy.id}::uuid, submitted_by_name = ${revokedBy.name}
      FROM held WHERE j.id = held.id RETURNING j.id
    ),
    inputs AS (UPDATE job_inputs i SET submitted_by_id = ${revokedBy.id}::uuid FROM moved WHERE i.job_id = moved.id)
    SELECT id FROM moved`
  return rows.map((row) => row.id)
}
