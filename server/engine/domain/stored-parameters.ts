import { CanonicalJsonError, jsonPath, toStoredJson } from './canonical-json'
import { EngineError, type FieldProblem } from './errors'
import type { Meter } from './json-schema/meter'
import { MAX_PAYLOAD_BYTES } from './limits'
import { checkParameters } from './parameters'
import { maskedPlaces, maskSensitive, type Masked } from './sensitive'
import type { Json } from './types'

/** Parameters as they will be stored, not yet held against any schema. */
export interface Given {
  parameters: Json
  bytes: number
}

/**
 * Parameters as JSON that PostgreSQL can keep; absent ones are {}.
 *
 * @param at where the caller finds them: `jobs[3].`, `changes.` or nothing.
 * @throws EngineError INVALID_PARAMETERS, or TOO_LARGE.
 */
export function givenParameters(given: unknown, at: string): Given {
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

/** What a schema says of parameters: what is wrong with them, and how everybody may read them. */
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
 * Parameters as they are stored, and as everybody may read them: the very same object where nothing is sensitive.
 * @throws EngineError INVALID_PARAMETERS
 */
export function acceptedParameters(
  { parameters }: Given,
  { problems, masked }: Checked,
  at: string,
): { parameters: Json; masked: Json } {
  refuse(problems.map((problem) => ({ ...problem, path: at + problem.path })))
  // A mask where a secret belongs comes from a form that was filled with what its reader may see: ask anew.
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
