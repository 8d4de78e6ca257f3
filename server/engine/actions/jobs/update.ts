import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { dedupeHash } from '../../domain/dedupe-hash'
import { EngineError, notVisible } from '../../domain/errors'
import { describeChanges, realChanges, type Amendable, type JobChanges } from '../../domain/job-changes'
import { jobLabel } from '../../domain/job-label'
import { checkJobOptions, invalid } from '../../domain/job-options'
import { isAmendable, isFinal } from '../../domain/state'
import { withParameterChecks } from '../../checking/parameter-checks'
import type { Actor, JobPriority, JobStatus, Json } from '../../domain/types'
import { amend } from '../../store/amendment'
import { freeHash, takeHashes } from '../../store/admission/dedupe'
import { indexedWords } from '../../store/reads/search'
import { announce } from '../../store/signals'
import { inTransaction } from '../../store/transaction'
import { dueAt } from '../../store/rank'
import { requireTimeout, type Submitter } from '../submission/checks'

/**
 * Changes a job while it waits (PENDING, FAILED or TIMED_OUT). It is decided under the row lock, so that of a dispatch,
 * a retry, a cancel and another change exactly one comes first. New parameters are checked against the schema of the
 * version that the job was submitted with. The job takes their hash and frees the hash of the old ones. The history
 * says what was changed. A call that changes nothing leaves no trace.
 *
 * @throws EngineError INVALID_INPUT, NOT_FOUND, ORGANIZATION_SUSPENDED, ILLEGAL_TRANSITION when it does not wait
 * (`from` and `to` are the status it stays in), INVALID_PARAMETERS, TOO_LARGE, DUPLICATE_JOB; its `fields` name the
 * place as `changes.…`
 */
export async function updateJob(
  db: DbOrTx,
  {
    jobId,
    changes,
    actor,
    submitter,
    reason,
  }: { jobId: string; changes: JobChanges; actor: Actor; submitter?: Submitter; reason?: string },
): Promise<void> {
  checkJobOptions(changes, 'changes.')
  await withParameterChecks(db, (checks) =>
    inTransaction(db, async (tx) => {
      const job = await lockAmendable(tx, jobId)
      // A timeout that an ADMIN has set may be sent back unchanged by anybody.
      if (changes.timeoutSeconds !== job.timeoutSeconds)
        requireTimeout(changes.timeoutSeconds, job.jobType, job.typeTimeoutSeconds, submitter, 'changes.timeoutSeconds')
      const before: Amendable = { ...job, parameters: await readParameters(tx, jobId) }
      const wanted = {
        key: `${job.jobType} ${job.version}`,
        organizationId: job.organizationId,
        given: changes.parameters,
        schema: job.schema,
        at: 'changes.',
      }
      const [fresh] = changes.parameters === undefined ? [] : await checks.accept([wanted])
      const real = realChanges(before, {
        priority: changes.priority,
        // A time in the past means now.
        due: changes.runAt && (changes.runAt > job.now ? changes.runAt : job.now),
        parameters: fresh?.parameters,
        maxRetries: changes.maxRetries,
        timeoutSeconds: changes.timeoutSeconds,
      })
      if (Object.keys(real).length === 0) return
      if (real.maxRetries !== undefined && real.maxRetries < job.failures) {
        throw invalid(
          'changes.maxRetries',
          `It has failed ${job.failures} times already: give at least ${job.failures}, or cancel it.`,
        )
      }
      const hash = real.parameters === undefined ? undefined : await moveHash(tx, job, real.parameters)
      const isRetry = job.status !== 'PENDING'
      const message = describeChanges(before, real, isRetry) + (reason === undefined ? '' : `: ${reason}`)
      const parameters =
        real.parameters === undefined
          ? undefined
          : { real: real.parameters, masked: fresh!.masked, ...labelOf(job, fresh!.masked) }
      const eligible = await amend(tx, { jobId, ...real, parameters, dedupeHash: hash }, { actor, message })
      await announce(tx, { dispatch: eligible, organizationId: job.organizationId })
    }),
  )
}

function labelOf(
  { id, organizationId, title, displayName, schema }: Waiting,
  masked: Json,
): { title: string; words: string } {
  const label = jobLabel({ title, displayName, parameterSchema: schema }, id, masked)
  return { title: label.title, words: indexedWords(organizationId, label.words, label.titleWords) }
}

interface Waiting {
  id: string
  /** The time of the database, rounded to milliseconds, of which dates of callers consist. */
  now: Date
  status: JobStatus
  organizationId: string
  organizationStatus: string
  jobType: string
  version: number
  /** The schema of the version that the job was submitted with. */
  schema: Json
  /** The display name of that version. */
  displayName: string
  title: string | null
  typeTimeoutSeconds: number
  failures: number
  hash: Uint8Array | null
  priority: JobPriority
  due: Date
  maxRetries: number
  timeoutSeconds: number
}

async function lockAmendable(tx: Tx, jobId: string): Promise<Waiting> {
  const [job] = await tx.$queryRaw<Waiting[]>`
    SELECT j.id, clock_timestamp()::timestamptz(3) AS now, j.status, j.organization_id AS "organizationId", o.status AS "organizationStatus",
      j.job_type AS "jobType", v.version, v.config->'parameterSchema' AS schema, v.config->>'displayName' AS "displayName", v.config->>'title' AS title,
      COALESCE((v.config->>'timeoutSeconds')::int, t.timeout_seconds) AS "typeTimeoutSeconds", j.failures, j.dedupe_hash AS hash, j.priority,
      ${dueAt(Prisma.sql`j.rank_at`, Prisma.sql`j.priority`)} AS due, j.max_retries AS "maxRetries", j.timeout_seconds AS "timeoutSeconds"
    FROM jobs j JOIN organizations o ON o.id = j.organization_id
    JOIN job_type_versions v ON v.job_type = j.job_type AND v.version = j.job_type_version
    JOIN job_types t ON t.name = j.job_type
    WHERE j.id = ${jobId}::uuid FOR NO KEY UPDATE OF j`
  if (!job || job.organizationStatus === 'DELETED') throw notVisible('job', jobId)
  if (job.organizationStatus === 'SUSPENDED') {
    throw new EngineError(
      'ORGANIZATION_SUSPENDED',
      'This organization is suspended: nothing can be changed until it is resumed.',
    )
  }
  if (!isAmendable(job.status)) {
    const hint = isFinal(job.status)
      ? 'Submit it again with what should be different.'
      : 'A worker has it, or is about to.'
    throw new EngineError(
      'ILLEGAL_TRANSITION',
      `Job ${jobId} is ${job.status}: only a job that waits can be changed. ${hint}`,
      {
        from: job.status,
        to: job.status,
      },
    )
  }
  return job
}

/**
 * This is a statement of its own. A statement that waited for the row's lock has read this table before it got the
 * lock, so its parameters may be old.
 */
async function readParameters(tx: Tx, jobId: string): Promise<Json> {
  const [row] = await tx.$queryRaw<
    { parameters: Json }[]
  >`SELECT COALESCE(unmasked, parameters) AS parameters FROM job_inputs WHERE job_id = ${jobId}::uuid`
  return row?.parameters ?? null
}

/**
 * Takes the hash of the new parameters and frees the old one. It does nothing for a job that was submitted with
 * `dedupe: false`.
 */
async function moveHash(
  tx: Tx,
  { id, organizationId, jobType, hash: old }: Waiting,
  parameters: Json,
): Promise<Buffer | undefined> {
  if (!old) return undefined
  const claim = { jobId: id, jobType, hash: dedupeHash({ organizationId, jobType, parameters }) }
  const [holder] = await takeHashes(tx, organizationId, [claim])
  if (holder) {
    const { existingJobId, existingStatus } = holder
    throw new EngineError(
      'DUPLICATE_JOB',
      `The same "${jobType}" with these parameters exists already: job ${existingJobId}, ${existingStatus}. Wait for it, or cancel one of the two.`,
      { existingJobId, existingStatus },
    )
  }
  await freeHash(tx, organizationId, { ...claim, hash: Buffer.from(old) })
  return claim.hash
}
