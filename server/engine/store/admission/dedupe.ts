import { Prisma, statementName, type Tx } from '@/server/db'
import type { JobStatus } from '../../domain/types'

// Keeps equal jobs apart: a job owns the hash of its type and parameters, and an equal one is refused. An unfinished
// job owns it until `infinity`, a COMPLETED one for the window of its type.

/** A job and the hash that it asks for. */
export interface HashClaim {
  jobId: string
  jobType: string
  hash: Buffer
}

/** The job that holds a dedupe hash which another job was refused. */
export interface Holder {
  /** The job that asked for the hash and did not get it. */
  jobId: string
  existingJobId: string
  existingStatus: JobStatus
}

/**
 * Takes the dedupe hashes of these jobs where they are free. It is one statement, so that a hash that is held does not
 * abort the caller's transaction. It waits for a transaction that is just taking the same hash. Where several of these
 * jobs have one hash, the one with the lowest id gets it. A job that holds its hash already is given it again.
 *
 * @returns the jobs that were refused, with the holders of their hashes
 */
export async function takeHashes(tx: Tx, organizationId: string, claims: readonly HashClaim[]): Promise<Holder[]> {
  const refused: Holder[] = []
  for (let open = claims; open.length > 0;) {
    const { holders, free } = await tryHashes(tx, organizationId, open)
    refused.push(...holders)
    // The holder vanished between the two statements, because it was deleted or canceled. The hash is asked for again.
    open = free
  }
  return refused
}

async function tryHashes(
  tx: Tx,
  organizationId: string,
  claims: readonly HashClaim[],
): Promise<{ holders: Holder[]; free: HashClaim[] }> {
  // Hashes are taken in the order of their keys. Of two batches with the same hashes, one then waits for the other, and
  // there is no deadlock.
  const taken = await tx.$queryRaw<{ job_id: string }[]>(Prisma.sql`${statementName('take_hashes')}
    INSERT INTO dedupe_claims AS c (organization_id, job_type, hash, job_id, held_until)
    SELECT DISTINCT ON (s.job_type, s.hash) ${organizationId}::uuid, s.job_type, decode(s.hash, 'hex'), s.job_id, 'infinity'::timestamptz
    FROM jsonb_to_recordset(${rowsOf(claims)}::jsonb) AS s(job_id uuid, job_type text, hash text)
    ORDER BY s.job_type, s.hash, s.job_id
    ON CONFLICT (organization_id, job_type, hash) DO UPDATE SET job_id = EXCLUDED.job_id, held_until = EXCLUDED.held_until
    WHERE c.held_until <= clock_timestamp() OR c.job_id = EXCLUDED.job_id
    RETURNING c.job_id`)
  const got = new Set(taken.map((row) => row.job_id))
  const refused = claims.filter((claim) => !got.has(claim.jobId))
  const holderOf = await readHolders(tx, organizationId, refused)
  return {
    holders: refused.flatMap(({ jobId }) => holderOf.get(jobId) ?? []),
    free: refused.filter(({ jobId }) => !holderOf.has(jobId)),
  }
}

/**
 * Who holds the hashes that these jobs were refused, by the job that was refused. One statement reads all: a caller
 * that lost the answer may repeat a batch of a thousand jobs.
 */
async function readHolders(
  tx: Tx,
  organizationId: string,
  refused: readonly HashClaim[],
): Promise<Map<string, Holder>> {
  if (refused.length === 0) return new Map()
  const holders = await tx.$queryRaw<Holder[]>`
    SELECT s.job_id AS "jobId", j.id AS "existingJobId", j.status AS "existingStatus"
    FROM jsonb_to_recordset(${rowsOf(refused)}::jsonb) AS s(job_id uuid, job_type text, hash text)
    JOIN dedupe_claims c ON c.organization_id = ${organizationId}::uuid AND c.job_type = s.job_type
      AND c.hash = decode(s.hash, 'hex') AND c.held_until > clock_timestamp()
    JOIN jobs j ON j.id = c.job_id`
  return new Map(holders.map((holder) => [holder.jobId, holder]))
}

const rowsOf = (claims: readonly HashClaim[]): string =>
  JSON.stringify(claims.map((c) => ({ job_id: c.jobId, job_type: c.jobType, hash: c.hash.toString('hex') })))

/** CTE over `moved`. It frees the hashes of jobs that end without having done their work. */
export const freeHashes = Prisma.sql`hashes AS (
  DELETE FROM dedupe_claims c USING moved m
  WHERE c.organization_id = m.organization_id AND c.job_type = m.job_type AND c.hash = m.dedupe_hash AND c.job_id = m.job_id)`

/** CTE over `moved` with `dedupe_window`. A COMPLETED job holds its hash for the window of its type's version. */
export const keepHashesForWindow = Prisma.sql`hashes AS (
  UPDATE dedupe_claims c SET held_until = clock_timestamp() + m.dedupe_window * interval '1 second' FROM moved m
  WHERE c.organization_id = m.organization_id AND c.job_type = m.job_type AND c.hash = m.dedupe_hash AND c.job_id = m.job_id)`

/** Frees a hash that a job no longer holds, because its parameters changed. */
export async function freeHash(tx: Tx, organizationId: string, { jobId, jobType, hash }: HashClaim): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM dedupe_claims
    WHERE organization_id = ${organizationId}::uuid AND job_type = ${jobType} AND hash = ${hash} AND job_id = ${jobId}::uuid`
}
