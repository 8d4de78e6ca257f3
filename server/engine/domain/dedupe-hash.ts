import { createHash } from 'node:crypto'
import { canonicalJson, canonicalStoredJson } from './canonical-json'
import type { Json, SubmitInput } from './types'

/**
 * What makes two jobs the same (rule 4.7): organization, job type and parameters. SHA-256 over a
 * JSON array, which no choice of names can make ambiguous. Takes raw or stored parameters alike;
 * throws CanonicalJsonError where they have no JSON form.
 */
export function dedupeHash(job: { organizationId: string; jobType: string; parameters: unknown }): Buffer {
  const scope = JSON.stringify(['job', job.organizationId, job.jobType])
  return sha256(`[${scope},${canonicalJson(job.parameters, 'parameters')}]`)
}

/**
 * What the same idempotency key must come with again, else IDEMPOTENCY_MISMATCH (rule 4.7).
 *
 * Absent fields and their fixed defaults are equal. The job type's defaults are not filled in: an
 * admin who changes them between two calls must not turn an honest repetition into a mismatch.
 * An undefined field leaves no trace, so that a field added later does not change stored hashes.
 */
export function inputHash(submission: SubmitInput): Buffer {
  const compared: Record<Exclude<keyof SubmitInput, 'idempotencyKey' | 'parameters' | 'ref'>, Json | undefined> = {
    jobType: submission.jobType,
    priority: submission.priority,
    runAt: submission.runAt?.toISOString(),
    dedupe: submission.dedupe ?? true,
    maxRetries: submission.maxRetries,
    timeoutSeconds: submission.timeoutSeconds,
    // An absent list and an empty one say the same.
    dependsOn: submission.dependsOn?.length ? [...submission.dependsOn] : undefined,
  }
  const text = canonicalStoredJson(compared as Json)
  return sha256(`["input",${text},${canonicalJson(submission.parameters ?? {}, 'parameters')}]`)
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
