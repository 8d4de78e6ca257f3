import { createHash, randomBytes } from 'node:crypto'
import type { DbOrTx } from '@/server/db'
import type { AttemptRef } from '../domain/outcome'

const PREFIX = 'jy_attempt_'
const TOKEN = /^jy_attempt_[0-9A-Za-z_-]{43}$/

/** True for what has the form of an attempt token; it may still be unknown or expired. */
export const isAttemptToken = (text: string): boolean => TOKEN.test(text)

/**
 * A token for whoever carries out this attempt outside: `jy_attempt_` and 256 random bits, good until the
 * attempt times out. It is shown to its holder only; the hash is kept. Null where the attempt no longer
 * holds its job.
 */
export async function issueAttemptToken(db: DbOrTx, { jobId, attempt }: AttemptRef): Promise<string | null> {
  const token = PREFIX + randomBytes(32).toString('base64url')
  const issued = await db.$executeRaw`
    INSERT INTO attempt_tokens (hash, job_id, attempt, expires_at)
    SELECT ${hashOf(token)}, j.id, j.attempt, j.started_at + j.timeout_seconds * interval '1 second'
    FROM jobs j WHERE j.id = ${jobId}::uuid AND j.attempt = ${attempt} AND j.status = 'RUNNING'`
  return issued > 0 ? token : null
}

/** Which attempt a token is good for, or null when it is unknown or its time is over. Whether the attempt still runs is another question. */
export async function attemptOfToken(db: DbOrTx, token: string): Promise<AttemptRef | null> {
  if (!isAttemptToken(token)) return null
  const [row] = await db.$queryRaw<AttemptRef[]>`
    SELECT job_id AS "jobId", attempt FROM attempt_tokens WHERE hash = ${hashOf(token)} AND expires_at > clock_timestamp()`
  return row ?? null
}

/** The token is random enough that a slow hash adds nothing. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
