import type { Db, DbOrTx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { classifyFailure } from '../../domain/failure'
import { MAX_PAYLOAD_BYTES } from '../../domain/limits'
import { completed, failed, type AttemptRef, type Outcome } from '../../domain/outcome'
import { redactor, type Redact } from '../../domain/redact'
import { retryDelay, type RetryPolicy } from '../../domain/retry-policy'
import { sensitiveTexts } from '../../domain/sensitive'
import { systemActor, type ErrorClass, type JobStatus, type Json } from '../../domain/types'
import { announce, signalEnded } from '../../store/signals'
import { finishReported } from './finish'
import { OUTCOME_PLANS } from './finish/plans'

// Reports of a service that carries out an attempt outside, with the attempt's token. The report itself ends the
// attempt, under the fence that also binds workers. Whatever happens to the worker in the meantime, an answer of
// success means that the end is written.

const actor = systemActor('service outside')

/** The state of a job after a report on its attempt. */
export interface ReportedJob extends AttemptRef {
  status: JobStatus
  /** When the job is tried again. Null where it is not. */
  nextRetryAt: Date | null
}

/**
 * RUNNING → COMPLETED with this result (JSON, or `undefined` for none), for a caller that holds the attempt.
 *
 * @throws EngineError TOO_LARGE over 256 KiB; ILLEGAL_TRANSITION where the attempt no longer holds its job or is to be
 * stopped; NOT_FOUND where the job was deleted
 */
export async function completeAttempt(
  db: Db,
  { jobId, attempt, result }: AttemptRef & { result?: Json },
): Promise<ReportedJob> {
  const bytes = result === undefined ? 0 : Buffer.byteLength(JSON.stringify(result))
  if (bytes > MAX_PAYLOAD_BYTES) {
    const message = `The result takes ${bytes} bytes; at most ${MAX_PAYLOAD_BYTES} fit. Keep the data and report a reference to it.`
    throw new EngineError('TOO_LARGE', message, { fields: [{ path: 'result', message }] })
  }
  const { dedupeWindowSeconds } = await readAttempt(db, jobId)
  return end(db, completed({ jobId, attempt }, { result, dedupeWindowSeconds }))
}

export interface ReportedFailure extends AttemptRef {
  message: string
  /** TRANSIENT by default. */
  class?: ErrorClass
  /** The least number of seconds until the retry, where one follows. */
  retryAfterSeconds?: number
}

/**
 * RUNNING → FAILED, to be retried by the job's policy, or DEAD_LETTER where that allows no retry.
 *
 * @throws EngineError ILLEGAL_TRANSITION or NOT_FOUND, as `completeAttempt`
 */
export async function failAttempt(db: Db, report: ReportedFailure): Promise<ReportedJob> {
  const policy = await readAttempt(db, report.jobId)
  // `classifyFailure` tells the class of an error by its name.
  const name = report.class === 'PERMANENT' ? 'PermanentError' : 'TransientError'
  const failure = classifyFailure(
    { name, message: report.message, retryAfter: report.retryAfterSeconds },
    { redact: redactorOf(policy) },
  )
  return end(db, failed(report, failure, retryDelay(policy, failure, Math.random())))
}

/**
 * Makes sure that an attempt may still report progress. Returns its organization, and hides sensitive parameters in the
 * message.
 *
 * @throws EngineError ILLEGAL_TRANSITION or NOT_FOUND, as `completeAttempt`
 */
export async function requireHolder(
  db: DbOrTx,
  { jobId, attempt }: AttemptRef,
): Promise<{ organizationId: string; redact: Redact }> {
  const job = await readAttempt(db, jobId)
  if (job.status !== 'RUNNING' || job.attempt !== attempt || job.stopping) refuse(job, { jobId, attempt }, 'RUNNING')
  return { organizationId: job.organizationId, redact: redactorOf(job) }
}

const redactorOf = ({ masked, unmasked }: AttemptState): Redact =>
  redactor(unmasked === null ? [] : sensitiveTexts(masked, unmasked))

async function end(db: Db, outcome: Outcome): Promise<ReportedJob> {
  const { jobId, attempt } = outcome
  const { to } = OUTCOME_PLANS[outcome.kind]
  const written = await finishReported(db, outcome, actor)
  if (!written) refuse(await readAttempt(db, jobId), { jobId, attempt }, to)
  // The end is written, so a failure of these signals must not reach the caller. A worker that misses its signal
  // notices at its next renewal, and viewers when they read again.
  await Promise.allSettled([signalEnded(db, { jobId, attempt }), announce(db, { dispatch: false })])
  if (to !== 'FAILED') return { jobId, attempt, status: to, nextRetryAt: null }
  const { status, nextRetryAt } = await readAttempt(db, jobId)
  return { jobId, attempt, status, nextRetryAt }
}

function refuse(job: AttemptState, { jobId, attempt }: AttemptRef, to: JobStatus): never {
  const why =
    job.status === 'RUNNING' && job.attempt === attempt
      ? job.condemned
        ? 'its organization was deleted and it is being stopped'
        : 'it was canceled and is being stopped'
      : job.attempt === attempt
        ? `the job is ${job.status}`
        : `attempt ${job.attempt} has followed`
  throw new EngineError(
    'ILLEGAL_TRANSITION',
    `Attempt ${attempt} of job ${jobId} takes no more reports: ${why}. Stop working on it.`,
    {
      from: job.status,
      to,
    },
  )
}

interface AttemptState extends RetryPolicy {
  organizationId: string
  status: JobStatus
  attempt: number
  /** True where the job was canceled or its organization deleted. Then the worker writes the end. */
  stopping: boolean
  /** True where its organization was deleted. */
  condemned: boolean
  nextRetryAt: Date | null
  dedupeWindowSeconds: number
  /** The parameters with masks, and below without. Both are null where nothing is sensitive. */
  masked: Json
  unmasked: Json
}

async function readAttempt(db: DbOrTx, jobId: string): Promise<AttemptState> {
  const [row] = await db.$queryRaw<AttemptState[]>`
    SELECT j.organization_id AS "organizationId", j.status, j.attempt, j.next_retry_at AS "nextRetryAt",
      j.cancel_requested_at IS NOT NULL OR j.condemned IS NOT NULL AS stopping, j.condemned IS NOT NULL AS condemned, j.failures, j.max_retries AS "maxRetries",
      (v.config->>'backoffBaseSeconds')::int AS "backoffBaseSeconds", (v.config->>'backoffCapSeconds')::int AS "backoffCapSeconds",
      (v.config->>'dedupeWindowSeconds')::int AS "dedupeWindowSeconds",
      CASE WHEN i.unmasked IS NOT NULL THEN i.parameters END AS masked, i.unmasked
    FROM jobs j JOIN job_inputs i ON i.job_id = j.id JOIN job_type_versions v ON v.job_type = j.job_type AND v.version = j.job_type_version
    WHERE j.id = ${jobId}::uuid`
  if (!row) throw new EngineError('NOT_FOUND', `Job ${jobId} was deleted. Stop working on it.`)
  return row
}
