import { CanonicalJsonError, jsonPath, toStoredJson } from './canonical-json'
import { EngineError, type FieldProblem } from './errors'
import type { Meter } from './json-schema/meter'
import { MAX_PAYLOAD_BYTES } from './limits'
import { checkParameters } from './parameters'
import { maskedPlaces, maskSensitive, type Masked } from './sensitive'
import type { Json } from './types'

/** Parameters as they will be stored, before they are checked against a schema. */
export interface GivenParameters {
  parameters: Json
  bytes: number
}

/**
 * The parameters as JSON that PostgreSQL can keep. Absent parameters are {}.
 *
 * @param at the prefix of the parameters in the caller's input: `jobs[3].`, `changes.` or nothing
 * @throws EngineError INVALID_PARAMETERS or TOO_LARGE
 */
export function givenParameters(given: unknown, at: string): GivenParameters {
  let parameters: Json
  try {
    parameters = toStoredJson(given ?? {}, `${at}parameters`)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new EngineError('INVALID_PARAMETERS', error.message, {
      fields: [{ path: error.path, message: error.problem }],
    })
  }
  const bytes = Buffer.byteLength(JSON.stringify(parameters))
  if (bytes > MAX_PAYLOAD_BYTES) {
    const message = `The parameters take ${bytes} bytes; at most ${MAX_PAYLOAD_BYTES} fit. Upload the data and pass a reference to it.`
    throw new EngineError('TOO_LARGE', message, { fields: [{ path: `${at}parameters`, message }] })
  }
  return { parameters, bytes }
}

/**
 * The result of checking parameters against a schema: what is wrong with them, and the form that everybody may read.
 * Where something is wrong, `masked` holds the parameters as they came: `acceptedParameters` refuses them, so nobody
 * reads it.
 */
export interface Checked {
  problems: FieldProblem[]
  masked: Masked
}

/** @throws CheckTooLong where the meter ran out. */
export function checkAndMask(schema: Json, parameters: Json, meter: Meter): Checked {
  const problems = checkParameters(schema, parameters, meter)
  return {
    problems,
    masked: problems.length > 0 ? { parameters, places: [] } : maskSensitive(schema, parameters, meter),
  }
}

/**
 * The parameters as they are stored, and as everybody may read them. Where nothing is sensitive, both are the same
 * object.
 *
 * @throws EngineError INVALID_PARAMETERS
 */
export function acceptedParameters(
  { parameters }: GivenParameters,
  { problems, masked }: Checked,
  at: string,
): { parameters: Json; masked: Json } {
  refuse(problems.map((problem) => ({ ...problem, path: at + problem.path })))
  // The caller sent the mask where a secret belongs. Its form was filled with what its reader may see, so the secret
  // has to be typed again.
  refuse(
    maskedPlaces(masked, parameters).map((keys) => ({
      path: jsonPath(`${at}parameters`, keys),
      message: 'is sensitive and was masked when you read it: give its value',
    })),
  )
  return { parameters, masked: masked.places.length === 0 ? parameters : masked.parameters }
}

function refuse(fields: readonly FieldProblem[]): void {
  if (fields.length === 0) return
  throw new EngineError('INVALID_PARAMETERS', fields.map(({ path, message }) => `${path}: ${message}`).join(' '), {
    fields: [...fields],
  })
}
