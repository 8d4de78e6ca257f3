import type { DbOrTx } from '@/server/db'
import { jsonPath } from '../../domain/canonical-json'
import { EngineError } from '../../domain/errors'
import { invalid } from '../../domain/job-options'
import { mergePatch } from '../../domain/merge-patch'
import { carriedSecrets, masksIn } from '../../domain/rerun'
import type { Actor, JobOrigin, JobPriority, JobView, Json } from '../../domain/types'
import type { Submitter } from './checks'
import { submitJob } from './submit'

// Submits a job again, as it was or with other parameters.

export interface Rerun {
  jobId: string
  /** JSON merge patch of the parameters (RFC 7396); absent: they stay as they are. */
  patch?: Json
  /** What is absent takes the job type's setting, as in any submission. */
  priority?: JobPriority
  runAt?: Date
  maxRetries?: number
  timeoutSeconds?: number
  actor: Actor
  /** Absent: whoever calls the engine itself may submit anything. */
  submitter?: Submitter
  origin?: JobOrigin
}

/**
 * Submits a job once more, whatever its status, with its parameters patched. It is a submission like any other, held
 * against the job type as it is now, its rate and the quota; only equal jobs are no obstacle. Sensitive values that the
 * patch does not name are taken over as they are and stay masked. Dependencies and the idempotency key belong to the
 * old job alone.
 *
 * @throws EngineError NOT_FOUND where there is no such job, and what `submitJob` throws; its `fields` name
 * places of the patched parameters.
 */
export async function rerunJob(
  db: DbOrTx,
  { jobId, patch, priority, runAt, maxRetries, timeoutSeconds, actor, submitter, origin }: Rerun,
): Promise<JobView> {
  if (patch === null)
    throw invalid('patch', 'Give an object with what is to change, or leave it out to keep all parameters.')
  const [old] = await db.$queryRaw<{ organizationId: string; jobType: string; masked: Json; parameters: Json }[]>`
    SELECT j.organization_id AS "organizationId", j.job_type AS "jobType", i.parameters AS masked, COALESCE(i.unmasked, i.parameters) AS parameters
    FROM jobs j JOIN job_inputs i ON i.job_id = j.id WHERE j.id = ${jobId}::uuid`
  if (!old) throw new EngineError('NOT_FOUND', `There is no job ${jobId} that you may see.`)
  refuseMasks(old, patch)
  const parameters = patch === undefined ? old.parameters : mergePatch(old.parameters, patch)
  return submitJob(db, {
    organizationId: old.organizationId,
    job: { jobType: old.jobType, parameters, priority, runAt, maxRetries, timeoutSeconds, dedupe: false },
    rerun: { of: jobId, hidden: carriedSecrets(old.masked, old.parameters, patch) },
    actor,
    submitter,
    origin,
  })
}

/**
 * A form that was filled with what its reader may see sends masks back: they must not take the place of what they hide.
 */
function refuseMasks(old: { masked: Json; parameters: Json }, patch: Json | undefined): void {
  const fields = masksIn(patch, carriedSecrets(old.masked, old.parameters, undefined)).map((keys) => ({
    path: jsonPath('patch', keys),
    message: 'is sensitive and was masked when you read it: leave it out to keep its value, or give a new one',
  }))
  if (fields.length > 0)
    throw new EngineError('INVALID_PARAMETERS', fields.map(({ path, message }) => `${path}: ${message}`).join(' '), {
      fields,
    })
}
