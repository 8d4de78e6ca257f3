import { Prisma, statementName, type Db } from '@/server/db'
import type { AttemptRef } from '../../domain/outcome'
import { systemActor } from '../../domain/types'
import { freeHashes } from '../../store/admission/dedupe'
import { keepMessageWords } from '../../store/reads/search'
import { retryConflicts } from '../../store/transaction'
import { COMES_BACK } from '../../store/rank'
import { joinJobs, lockJobs } from '../../store/by-id'
import { transition, type Moved } from '../../store/transition'
import { LEASE_SECONDS } from './claim'
import { updateDependents } from '../jobs/dependents'
import { closeLostAttempts, diedCondemned } from './finish/pieces'

// Leases: a worker owns an attempt as long as it renews the lease. Without renewals, others take the job for lost after
// 15 s.

/** A job that has lost its worker this often is not tried again. */
const MAX_LOST = 5

/** The state of one of the worker's attempts when its lease was renewed. */
export interface Renewed extends AttemptRef {
  /** The attempt has to stop, because it was canceled or its organization was deleted. */
  cancelRequested: boolean
  /** Somebody else had locked its row. The attempt still belongs to this worker, but its lease was not renewed. */
  locked: boolean
}

/**
 * Renews the leases of all attempts of a worker in one statement, and tells which of them have to stop. An attempt that
 * is missing in the answer no longer belongs to this worker. One whose row is `locked` does, but must be renewed again
 * before its lease ends.
 */
export async function renewLeases(db: Db, workerId: string, held: readonly AttemptRef[]): Promise<Renewed[]> {
  const rows = JSON.stringify(held.map(({ jobId, attempt }) => ({ job_id: jobId, attempt })))
  const found = await retryConflicts(() =>
    db.$queryRaw<
      { job_id: string; attempt: number; cancel: boolean; locked: boolean }[]
    >(Prisma.sql`${statementName('renew')}
      WITH source AS (SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int)),
      locked AS MATERIALIZED (
        SELECT s.job_id AS id FROM (SELECT * FROM source ORDER BY job_id) s
        ${lockJobs(['RUNNING'], Prisma.sql`j.attempt = s.attempt AND j.worker_id = ${workerId}::uuid`, 'skip')}
      ),
      renewed AS (
        UPDATE jobs j SET lease_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second' FROM locked l WHERE j.id = l.id
      )
      SELECT s.job_id, s.attempt, j.cancel_requested_at IS NOT NULL OR j.condemned IS NOT NULL AS cancel,
        NOT EXISTS (SELECT 1 FROM locked l WHERE l.id = s.job_id) AS locked
      FROM source s ${joinJobs(Prisma.sql`s.job_id`)}
      WHERE j.status = 'RUNNING' AND j.attempt = s.attempt AND j.worker_id = ${workerId}::uuid`),
  )
  return found.map((row) => ({
    jobId: row.job_id,
    attempt: row.attempt,
    cancelRequested: row.cancel,
    locked: row.locked,
  }))
}

/** Which of these attempts' jobs have to stop. It is for a worker that may have missed a signal. */
export async function cancelRequested(db: Db, held: readonly AttemptRef[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM jobs WHERE id = ANY(${held.map(({ jobId }) => jobId)}::uuid[]) AND status = 'RUNNING'
      AND (cancel_requested_at IS NOT NULL OR condemned IS NOT NULL)`
  return rows.map(({ id }) => id)
}

const actor = systemActor('maintenance')
/**
 * Running jobs whose lease is over, the first 500 of them. The next sweep takes the others. It skips locked rows itself, so
 * that they take no place among the 500.
 */
const expired = Prisma.sql`
  SELECT j.id AS job_id FROM jobs j
  WHERE j.status = 'RUNNING' AND j.lease_until < clock_timestamp()
    AND clock_timestamp() > pg_postmaster_start_time() + ${LEASE_SECONDS} * interval '1 second'
  ORDER BY j.id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED`
const stillExpired = Prisma.sql`j.lease_until < clock_timestamp()`
const lost = Prisma.sql`lease_until = NULL, worker_id = NULL, condemned = NULL, lost = j.lost + 1`

/**
 * Brings back jobs whose worker no longer renews their leases. They become CANCELED where a cancel was asked,
 * DEAD_LETTER after the fifth loss or in a deleted organization, and otherwise PENDING without backoff. Nothing is
 * brought back until one lease length after PostgreSQL's start, because no worker could renew before it. Returns how
 * many jobs moved.
 */
export async function rescueLost(db: Db): Promise<number> {
  const returning = Prisma.sql`j.job_type, j.dedupe_hash`
  const canceled = await rescue(db, {
    name: 'rescue_cancel',
    to: 'CANCELED',
    fence: Prisma.sql`j.cancel_requested_at IS NOT NULL`,
    set: Prisma.sql`canceled_at = clock_timestamp(), finished_at = clock_timestamp(), ${lost}`,
    message: Prisma.sql`COALESCE(j.cancel_reason, 'Canceled; its worker was lost')`,
    returning: Prisma.sql`${returning}, 'CANCELED'::text AS outcome`,
    also: [closeLostAttempts, freeHashes],
  })
  const condemned = await rescue(db, {
    name: 'rescue_condemned',
    to: 'DEAD_LETTER',
    fence: Prisma.sql`j.cancel_requested_at IS NULL AND j.condemned IS NOT NULL`,
    set: Prisma.sql`${diedCondemned}, ${lost}`,
    message: Prisma.sql`j.error_message`,
    returning: Prisma.sql`${returning}, 'LOST'::text AS outcome`,
    also: [closeLostAttempts, freeHashes, keepMessageWords],
  })
  const dead = await rescue(db, {
    name: 'rescue_dead',
    to: 'DEAD_LETTER',
    fence: Prisma.sql`j.cancel_requested_at IS NULL AND j.condemned IS NULL AND j.lost + 1 >= ${MAX_LOST}`,
    set: Prisma.sql`finished_at = clock_timestamp(), ${lost}, error_message = ${`worker lost ${MAX_LOST} times`},
      error_class = 'PERMANENT', error_fingerprint = 'worker-lost'`,
    message: Prisma.sql`j.error_message`,
    returning: Prisma.sql`${returning}, 'LOST'::text AS outcome`,
    also: [closeLostAttempts, freeHashes, keepMessageWords],
  })
  const back = await rescue(db, {
    name: 'rescue_back',
    to: 'PENDING',
    fence: Prisma.sql`j.cancel_requested_at IS NULL AND j.condemned IS NULL AND j.lost + 1 < ${MAX_LOST}`,
    set: Prisma.sql`queued_at = NULL, progress = 0, progress_message = NULL, ${COMES_BACK}, ${lost}`,
    message: Prisma.sql`'Its worker was lost'`,
    returning: Prisma.sql`${returning}, 'LOST'::text AS outcome`,
    also: [closeLostAttempts],
  })
  const died = [...canceled, ...condemned, ...dead]
  await updateDependents(db, { dead: died.map(({ job_id }) => job_id) })
  return died.length + back.length
}

type Rescue = Pick<Parameters<typeof transition>[1], 'name' | 'to' | 'set' | 'message' | 'returning' | 'also'> & {
  fence: Prisma.Sql
}

function rescue(db: Db, { fence, ...plan }: Rescue): Promise<Moved[]> {
  return retryConflicts(() =>
    transition(db, {
      ...plan,
      from: ['RUNNING'],
      source: expired,
      fence: Prisma.sql`${stillExpired} AND ${fence}`,
      lock: 'skip',
      actor,
    }),
  )
}
