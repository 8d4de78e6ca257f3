import { createHash } from 'node:crypto'
import { canonicalJson, canonicalStoredJson } from './canonical-json'
import { conditionOf, parentName, type NamedParent } from './dependencies'
import type { Json, SubmitInput } from './types'

/**
 * The hash of what makes two jobs the same (rule 4.7): organization, job type and parameters. It is SHA-256 over a JSON
 * array, so no choice of names makes two different jobs look the same. The word at its beginning keeps it apart from
 * `inputHash`. Raw and stored parameters give the same hash.
 *
 * @throws CanonicalJsonError where the parameters have no JSON form
 */
export function dedupeHash(job: { organizationId: string; jobType: string; parameters: unknown }): Buffer {
  const scope = JSON.stringify(['job', job.organizationId, job.jobType])
  return sha256(`[${scope},${canonicalJson(job.parameters, 'parameters')}]`)
}

/**
 * The hash of a whole submission. A second call with the same idempotency key must have the same hash, or else it is
 * refused with IDEMPOTENCY_MISMATCH (rule 4.7).
 *
 * The `ref` is left out: it is only a name within one batch. An absent field counts as its fixed default. The defaults of
 * the job type are not filled in, because an admin may change them between two calls, and an honest repetition would be
 * refused. An undefined field is left out, so that a field that is added later does not change stored hashes.
 */
export function inputHash(submission: SubmitInput): Buffer {
  const compared: Record<Exclude<keyof SubmitInput, 'idempotencyKey' | 'parameters' | 'ref'>, Json | undefined> = {
    jobType: submission.jobType,
    priority: submission.priority,
    runAt: submission.runAt?.toISOString(),
    dedupe: submission.dedupe ?? true,
    maxRetries: submission.maxRetries,
    timeoutSeconds: submission.timeoutSeconds,
    // An absent list and an empty list mean the same.
    dependsOn: submission.dependsOn?.length ? submission.dependsOn.map(comparedParent) : undefined,
  }
  const text = canonicalStoredJson(compared as Json)
  return sha256(`["input",${text},${canonicalJson(submission.parameters ?? {}, 'parameters')}]`)
}

/** A parent that has to complete is the same with and without its condition. */
const comparedParent = (parent: NamedParent): Json =>
  conditionOf(parent) === 'completed' ? parentName(parent) : { job: parentName(parent), on: conditionOf(parent) }

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
