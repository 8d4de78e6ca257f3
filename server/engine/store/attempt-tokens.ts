import { createHash, randomBytes } from 'node:crypto'
import type { DbOrTx } from '@/server/db'
import type { AttemptRef } from '../domain/outcome'

const PREFIX = 'jy_attempt_'
/** 256 bits are 43 characters of base64url. */
const TOKEN = /^jy_attempt_[0-9A-Za-z_-]{43}$/

/** True for text in the form of an attempt token. The token may still be unknown or expired. */
export const isAttemptToken = (text: string): boolean => TOKEN.test(text)

/**
 * Makes a token for a service outside that carries out this attempt: `jy_attempt_` and 256 random bits. It is valid
 * until the attempt times out. Only its hash is stored. Null where the attempt no longer holds its job.
 */
export async function issueAttemptToken(db: DbOrTx, { jobId, attempt }: AttemptRef): Promise<string | null> {
  const token = PREFIX + randomBytes(32).toString('base64url')
  const issued = await db.$executeRaw`
    INSERT INTO attempt_tokens (hash, job_id, attempt, expires_at)
    SELECT ${hashOf(token)}, j.id, j.attempt, j.started_at + j.timeout_seconds * interval '1 second'
    FROM jobs j WHERE j.id = ${jobId}::uuid AND j.attempt = ${attempt} AND j.status = 'RUNNING'`
  return issued > 0 ? token : null
}

/**
 * The attempt that a token is for. Null when the token is unknown or has expired. The attempt may have ended in the
 * meantime.
 */
export async function attemptOfToken(db: DbOrTx, token: string): Promise<AttemptRef | null> {
  if (!isAttemptToken(token)) return null
  const [row] = await db.$queryRaw<AttemptRef[]>`
    SELECT job_id AS "jobId", attempt FROM attempt_tokens WHERE hash = ${hashOf(token)} AND expires_at > clock_timestamp()`
  return row ?? null
}

/** The hash that is stored. A fast hash is enough, because the token is too random to be guessed. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
