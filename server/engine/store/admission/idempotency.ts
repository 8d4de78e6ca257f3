import { Prisma, statementName, type DbOrTx, type Tx } from '@/server/db'
import { inTransaction } from '../transaction'

// Remembers idempotency keys, so that a call that is repeated under the same key gives the job of the first call.

/** A new job and the idempotency key that it was submitted under. */
export interface KeyClaim {
  jobId: string
  jobType: string
  key: string
  /** The hash of what was submitted. The same key with another hash is refused. */
  inputHash: Buffer
}

/** An idempotency key that was registered before: the job that it belongs to, and the hash of that submission. */
export interface KnownKey {
  jobType: string
  key: string
  existingJobId: string
  existingInputHash: Buffer
}

/** Hours for which a key is kept after its submission, whatever becomes of the job (rule 4.7). */
const KEPT_HOURS = 24

/** Registers these idempotency keys. Returns those that belong to a job already. */
export async function takeIdempotencyKeys(
  tx: Tx,
  organizationId: string,
  claims: readonly KeyClaim[],
): Promise<KnownKey[]> {
  const known: KnownKey[] = []
  // A key may be removed with its job between the two statements. Then it is free, and the next round takes it.
  for (let left = claims; left.length > 0;) left = await tryKeys(tx, organizationId, left, known)
  return known
}

/**
 * Returns the keys that belong to a job already. All of them are taken and given back, because only that waits for a
 * transaction that is just taking one of them. A SELECT would not see such a transaction.
 *
 * @param lockTimeout how long to wait for such a transaction, as PostgreSQL writes it: `100ms`. Without it, as long as
 *   the connection does
 */
export async function lookForIdempotencyKeys(
  db: DbOrTx,
  organizationId: string,
  claims: readonly KeyClaim[],
  lockTimeout: string | undefined,
): Promise<KnownKey[]> {
  let known: KnownKey[] = []
  const giveBack = new Error('the keys are given back')
  try {
    await inTransaction(db, async (tx) => {
      if (lockTimeout) await tx.$executeRaw`SELECT set_config('lock_timeout', ${lockTimeout}, true)`
      known = await takeIdempotencyKeys(tx, organizationId, claims)
      throw giveBack
    })
  } catch (error) {
    if (error !== giveBack) throw error
  }
  return known
}

/** Adds to `known`. Returns the keys that were refused and then not found. */
async function tryKeys(
  tx: Tx,
  organizationId: string,
  claims: readonly KeyClaim[],
  known: KnownKey[],
): Promise<KeyClaim[]> {
  const rows = JSON.stringify(
    claims.map((c) => ({ job_id: c.jobId, job_type: c.jobType, key: c.key, input_hash: c.inputHash.toString('hex') })),
  )
  const taken = await tx.$queryRaw<{ job_type: string; key: string }[]>(Prisma.sql`${statementName('take_keys')}
    INSERT INTO idempotency_keys AS k (organization_id, job_type, key, job_id, input_hash, expires_at)
    SELECT ${organizationId}::uuid, s.job_type, s.key, s.job_id, decode(s.input_hash, 'hex'),
      clock_timestamp() + ${KEPT_HOURS} * interval '1 hour'
    FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, job_type text, key text, input_hash text)
    ORDER BY s.job_type, s.key
    ON CONFLICT (organization_id, job_type, key) DO UPDATE
      SET job_id = EXCLUDED.job_id, input_hash = EXCLUDED.input_hash, expires_at = EXCLUDED.expires_at
      WHERE k.expires_at <= clock_timestamp()
    RETURNING k.job_type, k.key`)
  if (taken.length === claims.length) return []
  const got = new Set(taken.map(nameOf))
  // One statement reads all keys. A caller that lost the answer may repeat a submission of a thousand jobs, and it
  // should not take a thousand statements.
  const there = await tx.$queryRaw<
    { job_type: string; key: string; job_id: string; input_hash: Uint8Array }[]
  >(Prisma.sql`${statementName('known_keys')}
    SELECT k.job_type, k.key, k.job_id, k.input_hash
    FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_type text, key text)
    JOIN idempotency_keys k ON k.organization_id = ${organizationId}::uuid AND k.job_type = s.job_type AND k.key = s.key`)
  const rowOf = new Map(there.map((row) => [nameOf(row), row]))
  return claims.filter(({ jobType, key }) => {
    const name = nameOf({ job_type: jobType, key })
    if (got.has(name)) return false
    const row = rowOf.get(name)
    if (row) known.push({ jobType, key, existingJobId: row.job_id, existingInputHash: Buffer.from(row.input_hash) })
    return !row
  })
}

const nameOf = ({ job_type, key }: { job_type: string; key: string }) => JSON.stringify([job_type, key])
