import { EngineError } from '@/server/engine'
import { nameProblem, tidyName } from '@/server/engine/domain/names'
import { isUuid } from '@/server/engine/domain/uuid'

const MAX_NAME = 200
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:\s*;[^\r\n]{1,200})?$/
/** The types that HTML forms send, and that curl sends by default with --data. The body would not be the file itself. */
const FORMS = /^(?:multipart\/|application\/x-www-form-urlencoded)/i

/** The refusal of one header, of one parameter of the address, or of the body. */
export const invalidField = (path: string, message: string): EngineError =>
  new EngineError('INVALID_INPUT', `The upload does not fit: ${path} ${message}.`, { fields: [{ path, message }] })

/** The organization that the address names. @throws EngineError INVALID_INPUT */
export function organizationOf(url: URL): string {
  const id = url.searchParams.get('organizationId') ?? ''
  if (!isUuid(id))
    throw invalidField('organizationId', 'must be the id of an organization: /api/uploads?organizationId=…')
  return id.toLowerCase()
}

/** The content type of a file that is the body itself. @throws EngineError UNSUPPORTED_MEDIA_TYPE */
export function fileTypeOf(headers: Headers): string {
  refuseCompressed(headers)
  const type = headers.get('content-type')?.trim() ?? ''
  if (FORMS.test(type))
    throw unsupported(
      `Send the file itself as the body, with its own Content-Type such as text/csv. This is a form (${type.split(';')[0]}).`,
    )
  if (!MEDIA_TYPE.test(type)) throw unsupported('Send the Content-Type of the file, such as text/csv.')
  return type
}

/** Requires the content type of a piece of a file. @throws EngineError UNSUPPORTED_MEDIA_TYPE */
export function requirePiece(headers: Headers): void {
  refuseCompressed(headers)
  if (!/^application\/offset\+octet-stream\s*(?:;|$)/i.test(headers.get('content-type') ?? ''))
    throw unsupported('Send pieces of a file with Content-Type: application/offset+octet-stream.')
}

function refuseCompressed(headers: Headers): void {
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? ''))
    throw unsupported('Send the file as it is, without Content-Encoding.')
}

const unsupported = (message: string) => new EngineError('UNSUPPORTED_MEDIA_TYPE', message)

/** The whole number of a header; null where it is missing. @throws EngineError INVALID_INPUT */
export function countOf(headers: Headers, name: string): number | null {
  const text = headers.get(name)
  if (text === null) return null
  const count = Number(text)
  // A number holds 15 digits exactly.
  if (!/^\d{1,15}$/.test(text.trim())) throw invalidField(name, 'must be a whole number of bytes')
  return count
}

/** Checks the size of a file. @throws EngineError TOO_LARGE, or INVALID_INPUT for an empty file */
export function checkSize(size: number, maxBytes: number): void {
  if (size === 0) throw invalidField('body', 'must not be empty')
  if (size > maxBytes) throw tooLarge(maxBytes)
}

export const tooLarge = (maxBytes: number): EngineError =>
  new EngineError(
    'TOO_LARGE',
    `The file is too large: an upload may have ${maxBytes.toLocaleString('en')} bytes. Split it, or ask for a larger limit (MAX_UPLOAD_BYTES).`,
    { fields: [{ path: 'body', message: `must have at most ${maxBytes.toLocaleString('en')} bytes` }] },
  )

/** The file's own name, where somebody gives it. @throws EngineError INVALID_INPUT */
export function fileNameOf(given: string | null | undefined): string | null {
  if (!given) return null
  const name = tidyName(given)
  const problem = nameProblem(name, MAX_NAME)
  if (problem) throw invalidField('name', problem)
  return name
}

/** `Upload-Metadata` of the tus protocol: pairs of a name and its value in base64. A name without a value is left out. */
export function metadataOf(headers: Headers): ReadonlyMap<string, string> {
  const pairs = (headers.get('upload-metadata') ?? '').split(',').map((pair) => pair.trim().split(/ +/))
  return new Map(pairs.flatMap(([name, value]) => (name && value ? [[name, fromBase64(value)] as const] : [])))
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

/** The type that a resumable upload names for its file. Where it names none, or a wrong one, the file is plain bytes. */
export const typeOrBytes = (type: string | undefined): string =>
  type !== undefined && MEDIA_TYPE.test(type) ? type : 'application/octet-stream'
