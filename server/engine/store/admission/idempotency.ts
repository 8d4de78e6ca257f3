import { Prisma, statementName, type Tx } from '@/server/db'

export interface KeyClaim {
  jobId: string
  jobType: string
  key: string
  inputHash: Buffer
}

/** A key that was there already: the job it stands for, and what it was submitted with. */
export interface KnownKey {
  jobType: string
  key: string
  existingJobId: string
  existingInputHash: Buffer
}

/** Rule 4.7: kept 24 h from submission, whatever becomes of the job. */
const KEPT_HOURS = 24

/** Registers these idempotency keys; returns those that already stand for a job. */
export async function takeIdempotencyKeys(
  tx: Tx,
  organizationId: string,
  claims: readonly KeyClaim[],
): Promise<KnownKey[]> {
  const known: KnownKey[] = []
  // A key that goes with its job between the two statements is free after all.
  for (let left = claims; left.length > 0;) left = await tryKeys(tx, organizationId, left, known)
  return known
}

/** Adds to `known`; returns those that were refused and are not there. */
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
  // In one statement: a repeated submission of a thousand is as long as its first one, and often its answer was lost in haste.
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
