import { Prisma, type Db } from '@/server/db'
import { joinJobs } from '../../store/by-id'

// Removes rows and files whose time is over.

/** How many rows one statement removes. */
const BATCH = 2_000

/** How far a walk over the dedupe claims has come. Null at the beginning. */
export type ExpiryCursor = { organizationId: string; jobType: string; hash: Uint8Array } | null

/**
 * Removes rows whose time is over: idempotency keys after 24 hours, admissions that no rate window includes any more
 * (the longest is a day), tokens of attempts, failed sign-ins after a day, sessions that were ended and would have
 * expired by now, and dedupe claims that hold nothing. Claims are looked at in steps of a walk, because an index on their
 * end would make every outcome slower. The caller passes the answer to the next call.
 *
 * Times are compared with that of the statement: an index cannot stop at `clock_timestamp()`, which moves on, so all rows
 * that are not over would be read each time. Other statements that look for what is over again and again do the same.
 */
export async function removeExpired(db: Db, after: ExpiryCursor): Promise<ExpiryCursor> {
  await db.$executeRaw`
    DELETE FROM idempotency_keys k USING (
      SELECT organization_id, job_type, key FROM idempotency_keys WHERE expires_at < statement_timestamp() LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) e
    WHERE k.organization_id = e.organization_id AND k.job_type = e.job_type AND k.key = e.key`
  // Ids rise with time, so a look at the lowest is enough. Submissions delete admissions, too, in transactions that
  // their callers may keep open for long. Where one of these holds all of the lowest, nothing is removed until it ends,
  // which is better than to wait for it.
  await db.$executeRaw`
    DELETE FROM rate_admissions WHERE id IN (
      SELECT r.id FROM (SELECT id FROM rate_admissions ORDER BY id LIMIT ${BATCH}) oldest JOIN rate_admissions r ON r.id = oldest.id
      WHERE r.at < clock_timestamp() - interval '25 hours' FOR UPDATE OF r SKIP LOCKED)`
  await db.$executeRaw`
    DELETE FROM attempt_tokens WHERE hash IN (
      SELECT hash FROM attempt_tokens WHERE expires_at < statement_timestamp() LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`
  await db.$executeRaw`
    DELETE FROM sign_in_attempts WHERE key IN (
      SELECT key FROM sign_in_attempts WHERE last_at < statement_timestamp() - interval '1 day' LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`
  await db.$executeRaw`
    DELETE FROM ended_sessions WHERE id IN (
      SELECT id FROM ended_sessions WHERE ended_at < statement_timestamp() - interval '30 days' LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`
  const rows = await db.$queryRaw<{ organization_id: string; job_type: string; hash: Uint8Array }[]>`
    SELECT organization_id, job_type, hash FROM dedupe_claims
    WHERE (organization_id, job_type, hash) > (${after?.organizationId ?? NOBODY}::uuid, ${after?.jobType ?? ''}, ${after?.hash ?? Buffer.alloc(0)}::bytea)
    ORDER BY organization_id, job_type, hash LIMIT ${BATCH}`
  const last = rows.at(-1)
  if (!last) return null
  await db.$executeRaw`
    DELETE FROM dedupe_claims c USING (
      SELECT organization_id, job_type, hash FROM dedupe_claims
      WHERE (organization_id, job_type, hash) > (${after?.organizationId ?? NOBODY}::uuid, ${after?.jobType ?? ''}, ${after?.hash ?? Buffer.alloc(0)}::bytea)
        AND (organization_id, job_type, hash) <= (${last.organization_id}::uuid, ${last.job_type}, ${last.hash}::bytea)
        AND held_until < clock_timestamp()
      ORDER BY organization_id, job_type, hash FOR UPDATE SKIP LOCKED) e
    WHERE c.organization_id = e.organization_id AND c.job_type = e.job_type AND c.hash = e.hash AND c.held_until < clock_timestamp()`
  return rows.length < BATCH ? null : { organizationId: last.organization_id, jobType: last.job_type, hash: last.hash }
}

/** Sorts before the id of every organization. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Files in storage whose rows are gone, oldest first. */
export async function discardedFiles(db: Db, limit: number): Promise<string[]> {
  const rows = await db.$queryRaw<
    { storage_key: string }[]
  >`SELECT storage_key FROM discarded_files ORDER BY discarded_at LIMIT ${limit}`
  return rows.map((row) => row.storage_key)
}

/** Records that these files were removed from storage. */
export async function forgetFiles(db: Db, storageKeys: readonly string[]): Promise<void> {
  await db.$executeRaw`DELETE FROM discarded_files WHERE storage_key = ANY(${[...storageKeys]}::text[])`
}

/** The files of these jobs that rows name. */
export async function namedFiles(db: Db, jobIds: readonly string[]): Promise<string[]> {
  const rows = await db.artifact.findMany({ where: { jobId: { in: [...jobIds] } }, select: { storageKey: true } })
  return rows.map(({ storageKey }) => storageKey)
}

/** Returns the attempts that are still running. Only they may have staged files. */
export async function runningAttempts(
  db: Db,
  attempts: readonly { jobId: string; attempt: number }[],
): Promise<{ jobId: string; attempt: number }[]> {
  const rows = await db.$queryRaw<{ id: string; attempt: number }[]>`
    SELECT j.id, j.attempt FROM jsonb_to_recordset(${JSON.stringify(attempts)}::jsonb) AS s("jobId" uuid, attempt int)
    ${joinJobs(Prisma.sql`s."jobId"`)} WHERE j.attempt = s.attempt AND j.status = 'RUNNING'`
  return rows.map(({ id, attempt }) => ({ jobId: id, attempt }))
}
