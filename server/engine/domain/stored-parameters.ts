import { CanonicalJsonError, jsonPath, toStoredJson } from './canonical-json'
import { EngineError, type FieldProblem } from './errors'
import { MAX_PAYLOAD_BYTES } from './limits'
import { checkParameters } from './parameters'
import { maskedPlaces, maskSensitive } from './sensitive'
import type { Json } from './types'

/**
 * Parameters as they are stored, once the job type's schema has let them pass, and as everybody may read
 * them: the very same object where nothing is sensitive. Absent ones are {}.
 *
 * @param at where the caller finds them: `jobs[3].`, `changes.` or nothing.
 * @throws EngineError INVALID_PARAMETERS, or TOO_LARGE.
 */
export function storedParameters(given: unknown, schema: Json, at: string): { parameters: Json; masked: Json } {
  let parameters: Json
  try {
    parameters = toStoredJson(given ?? {}, `${at}parameters`)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new EngineError('INVALID_PARAMETERS', error.message, { fields: [{ path: error.path, message: error.problem }] })
  }
  const bytes = Buffer.byteLength(JSON.stringify(parameters))
  if (bytes > MAX_PAYLOAD_BYTES) {
    const message = `The parameters take ${bytes} bytes; at most ${MAX_PAYLOAD_BYTES} fit. Upload the data and pass a reference to it.`
    throw new EngineError('TOO_LARGE', message, { fields: [{ path: `${at}parameters`, message }] })
  }
  refuse(checkParameters(schema, parameters).map((problem) => ({ ...problem, path: at + problem.path })))
  const masked = maskSensitive(schema, parameters)
  // A mask where a secret belongs comes from a form that was filled with what its reader may see: ask anew.
  refuse(maskedPlaces(masked, parameters).map((keys) => ({ path: jsonPath(`${at}parameters`, keys), message: 'is sensitive and was masked when you read it: give its value' })))
  return { parameters, masked: masked.parameters }
}

function refuse(fields: readonly FieldProblem[]): void {
  if (fields.length === 0) return
  throw new EngineError('INVALID_PARAMETERS', fields.map(({ path, message }) => `${path}: ${message}`).join(' '), { fields: [...fields] })
}
