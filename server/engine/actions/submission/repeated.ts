import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import { createBreath } from '../../domain/breath'
import { inputHash } from '../../domain/dedupe-hash'
import { EngineError, type Refusal } from '../../domain/errors'
import { givenParameters } from '../../domain/stored-parameters'
import type { Json, SubmitInput } from '../../domain/types'
import { lookForIdempotencyKeys, type KeyClaim } from '../../store/admission/idempotency'
import { keyName } from './claims'

// Finds the jobs of a refused submission that were made before, under the same idempotency key.

/**
 * What may refuse a job now that was accepted before: its type was disabled, got another schema or a shorter timeout,
 * or a parent died, was canceled or was deleted. Access and the state of the organization are asked of every call.
 */
const MAY_BE_NEW: ReadonlySet<Refusal> = new Set([
  'JOB_TYPE_DISABLED',
  'INVALID_INPUT',
  'INVALID_PARAMETERS',
  'INVALID_DEPENDENCY',
])

export const mayRefuseRepetition = (error: unknown): error is EngineError =>
  error instanceof EngineError && MAY_BE_NEW.has(error.reason)

/**
 * The jobs that were submitted before with the same key and the same input, by index, with their parameters. Nothing is
 * written. It waits for a transaction that is just submitting one of them.
 */
export async function findRepeated(
  db: DbOrTx,
  organizationId: string,
  jobs: readonly SubmitInput[],
  lockTimeout: string | undefined,
): Promise<Map<number, Json>> {
  const breath = createBreath()
  const keyed: { index: number; name: string; hash: Buffer; parameters: Json }[] = []
  const claims = new Map<string, KeyClaim>()
  for (const [index, input] of jobs.entries()) {
    const { idempotencyKey: key, jobType } = input
    const parameters = key === undefined ? undefined : storable(input.parameters)
    if (key === undefined || parameters === undefined) continue
    const name = keyName(jobType, key)
    const hash = inputHash({ ...input, parameters })
    keyed.push({ index, name, hash, parameters })
    claims.set(name, { jobId: uuidv7(), jobType, key, inputHash: hash })
    await breath()
  }
  if (claims.size === 0) return new Map()
  const known = await lookForIdempotencyKeys(db, organizationId, [...claims.values()], lockTimeout)
  const hashOf = new Map(known.map(({ jobType, key, existingInputHash }) => [keyName(jobType, key), existingInputHash]))
  const repeated = keyed.filter(({ name, hash }) => hashOf.get(name)?.equals(hash))
  return new Map(repeated.map(({ index, parameters }) => [index, parameters]))
}

/** Undefined for what no job can have been submitted with. */
function storable(given: unknown): Json | undefined {
  try {
    return givenParameters(given, '').parameters
  } catch (error) {
    if (error instanceof EngineError) return undefined
    throw error
  }
}
