import { shortProse, statusWords } from '@/app/_components/prose-words'

/** An API key made by a member whose role is about to be lowered or to end. */
export interface UndecidedKey {
  id: string
  name: string
  role: string
  prefix: string
  lastUsedAt: string | null
}

/** What an error of the API says, without the wrapping of the tRPC client. */
export interface ApiRefusal {
  code: string
  reason: string
  message: string
  fields: { path: string; message: string }[]
  existingJobId?: string
  existingStatus?: string
  retryAfterSeconds?: number
  /** For KEYS_UNDECIDED: the first 100 keys that somebody must decide about. */
  keys?: UndecidedKey[]
}

/**
 * Reads the refusal from an error. Null where the server never answered, because of the network or a proxy. Such an
 * error has no reason.
 */
export function refusalOf(error: unknown): ApiRefusal | null {
  if (!(error instanceof Error) || !('data' in error)) return null
  const data = error.data as Record<string, unknown> | null | undefined
  if (!data || typeof data.code !== 'string') return null
  return {
    code: data.code,
    reason: typeof data.reason === 'string' ? data.reason : data.code,
    message: error.message,
    fields: Array.isArray(data.fields) ? (data.fields as ApiRefusal['fields']) : [],
    existingJobId: typeof data.existingJobId === 'string' ? data.existingJobId : undefined,
    existingStatus: typeof data.existingStatus === 'string' ? data.existingStatus : undefined,
    retryAfterSeconds: typeof data.retryAfterSeconds === 'number' ? data.retryAfterSeconds : undefined,
    keys: Array.isArray(data.keys) ? (data.keys as UndecidedKey[]) : undefined,
  }
}

/** True where the same call may succeed later: it had no answer, or the server was not able to give one. */
export function isPassing(error: unknown): boolean {
  const reason = refusalOf(error)?.reason
  return reason === undefined || reason === 'UNAVAILABLE' || reason === 'INTERNAL'
}

/**
 * True where the address of the page of a job, bulk action, request, schedule or alert rule holds an id that nothing
 * can have.
 */
export const isNoId = ({ reason, fields }: ApiRefusal): boolean =>
  reason === 'INVALID_INPUT' && fields.length === 1 && /^(?:job|bulk|request|schedule|rule)Id$/.test(fields[0]!.path)

/**
 * What a form tells beside its fields: why the server refused, where no field of the form tells it. A refused field that
 * the form does not show is named. Null where there is no error, and where each refusal stands at its field.
 * @param isShown true for a path of the API at which the form shows a refusal
 */
export function refusedElsewhere(error: unknown, isShown: (path: string) => boolean): string | null {
  if (!error) return null
  const refusal = refusalOf(error)
  const fields = refusal?.fields ?? []
  const unseen = fields.filter(({ path }) => !isShown(path))
  if (fields.length > 0 && unseen.length === 0) return null
  // The message of a refusal is about its first field only. It may say more than the field does.
  if (!refusal || unseen.length === 0 || (fields.length === 1 && !saysNoMore(refusal.message, fields[0]!)))
    return messageOf(error)
  return unseen.map(fieldWords).join(' ')
}

type RefusedField = ApiRefusal['fields'][number]

/** True for a message that only puts the name of the field before what is said of the field. */
const saysNoMore = (message: string, field: RefusedField): boolean =>
  ['', '.'].some((end) =>
    [`${field.path}: `, `The input does not fit: ${field.path || 'it'} `].some(
      (start) => message === start + field.message + end,
    ),
  )

/**
 * What is said of a field that the reader does not see. Where that is a sentence, it needs no name before it: "The job is
 * RUNNING: …". Anything else goes on from the name: "must be …".
 */
function fieldWords({ path, message }: RefusedField): string {
  const text = /^\p{Lu}/u.test(message) ? message : `${path || 'The input'} ${message}`
  const sentence = /[.!?]$/.test(text) ? text : `${text}.`
  // A status elsewhere may be part of what a person wrote.
  return /^jobIds?\b/.test(path) ? statusWords(sentence) : sentence
}

/** Refusals that name another job by its id, and its status. */
const OF_OTHER_JOBS: readonly string[] = ['INVALID_DEPENDENCY', 'DUPLICATE_JOB']

/** The error in a sentence or two for a person. */
export function messageOf(error: unknown): string {
  const refusal = refusalOf(error)
  if (!refusal) return 'The server could not be reached. Check the connection and try again.'
  if (isNoId(refusal)) return 'The address is cut short or mistyped: there is nothing with this id.'
  if (refusal.reason === 'UNAUTHENTICATED') return 'Your session has ended. Sign in again, and repeat it.'
  if (refusal.reason === 'INTERNAL') return 'Something broke on the server. It was logged; try again in a moment.'
  return OF_OTHER_JOBS.includes(refusal.reason) ? shortProse(refusal.message) : refusal.message
}
