import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY, type TRPC_ERROR_CODE_KEY, type TRPC_ERROR_CODE_NUMBER } from '@trpc/server/rpc'
import { z } from 'zod'
import { EngineError, type FieldProblem, type Refusal } from '@/server/engine'
import type { RefusalData } from '@/server/engine/domain/errors'
import type { Json } from '@/server/engine/domain/types'
import { noteFailure } from './failed-answers'

// Turns errors into what a caller is told.

/** The tRPC code of each reason (rule 5, "Errors"). No other place assigns codes. */
const CODE: Record<Refusal, TRPC_ERROR_CODE_KEY> = {
  INVALID_INPUT: 'BAD_REQUEST',
  UNKNOWN_JOB_TYPE: 'BAD_REQUEST',
  INVALID_PARAMETERS: 'BAD_REQUEST',
  INVALID_DEPENDENCY: 'BAD_REQUEST',
  JOB_TYPE_DISABLED: 'BAD_REQUEST',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  NOT_PERMITTED: 'FORBIDDEN',
  ORGANIZATION_SUSPENDED: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  DUPLICATE_JOB: 'CONFLICT',
  IDEMPOTENCY_MISMATCH: 'CONFLICT',
  ILLEGAL_TRANSITION: 'CONFLICT',
  KEYS_UNDECIDED: 'CONFLICT',
  CHANGED_MEANWHILE: 'CONFLICT',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  QUEUE_FULL: 'TOO_MANY_REQUESTS',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_SUPPORTED',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
}

/** An error as every caller gets it. Routes outside of tRPC have the same shape under `error`. */
export interface ErrorShape {
  message: string
  code: TRPC_ERROR_CODE_NUMBER
  data: { code: TRPC_ERROR_CODE_KEY; httpStatus: number; reason: Refusal } & RefusalData
}

/**
 * Turns anything that was thrown into an error for the caller. An unexpected error reveals nothing about the server.
 */
export function shapeError(error: unknown): ErrorShape {
  const { reason, message, data } = refusalOf(error)
  const code = CODE[reason]
  const fields = data.fields?.map((field) => ({
    path: bounded(field.path, MAX_PATH),
    message: bounded(field.message, MAX_MESSAGE),
  }))
  return {
    message: bounded(message, MAX_MESSAGE),
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: {
      code,
      httpStatus: getHTTPStatusCodeFromError(new TRPCError({ code })),
      reason,
      ...data,
      ...(fields && { fields }),
    },
  }
}

/** In characters. */
const MAX_MESSAGE = 2_000
const MAX_PATH = 300

/** Shortens a text. Names in a path come from the caller, and a megabyte of them need not be sent back. */
const bounded = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`

/** The answer to an error on a route outside of tRPC. `more` stands beside the error in the body. */
export function errorResponse(
  error: unknown,
  headers: HeadersInit = {},
  more: { [name: string]: Json } = {},
): Response {
  const shape = shapeError(error)
  const response = Response.json(
    { error: shape, ...more },
    { status: shape.data.httpStatus, headers: { 'cache-control': 'no-store', ...retryAfter([error]), ...headers } },
  )
  if (response.status >= 500) noteFailure(response, { error, reason: shape.data.reason })
  return response
}

/** The header `Retry-After` for `retryAfterSeconds`. If an answer has several refusals, it gives the longest wait. */
export function retryAfter(errors: readonly unknown[]): { 'retry-after'?: string } {
  const seconds = Math.max(0, ...errors.map((error) => refusalOf(error).data.retryAfterSeconds ?? 0))
  return seconds > 0 ? { 'retry-after': String(seconds) } : {}
}

/** The error for a method that the address does not accept. */
export const shapeMethodRefused = (): ErrorShape =>
  shapeError(
    new EngineError(
      'METHOD_NOT_SUPPORTED',
      'This address does not accept this method. The header Allow names the methods that it accepts.',
    ),
  )

/** The error for a request whose target is not a path. */
export const shapeUnknownAddress = (): ErrorShape =>
  shapeError(new EngineError('NOT_FOUND', 'There is nothing at this address: it must be a path that begins with /.'))

/** The error for an address with far more parameters than any page has. */
export const shapeTooManyParameters = (): ErrorShape =>
  shapeError(new EngineError('TOO_LARGE', 'This address has too many parameters. Ask for less at a time.'))

/** The error for an expectation that this server does not meet, such as `Expect: 200-ok`. */
export function shapeUnmetExpectation(): ErrorShape {
  const shape = shapeError(
    new EngineError('INVALID_INPUT', 'Nothing here does what the header Expect asks for. Leave it out.', {
      fields: [{ path: '', message: 'must have no header Expect, or the value 100-continue' }],
    }),
  )
  // tRPC has no code for this status.
  return { ...shape, data: { ...shape.data, httpStatus: 417 } }
}

/** The error for an HTTP/1.1 request that does not name its host. */
export const shapeWithoutHost = (): ErrorShape =>
  shapeError(
    new EngineError('INVALID_INPUT', 'The request names no host. Send the header Host with the name in the address.', {
      fields: [{ path: '', message: 'must have the header Host' }],
    }),
  )

/** The error for bytes that Node's parser does not accept as a request, by the code of the parser's error. */
export function shapeUnreadable(code: string | undefined): ErrorShape {
  if (code === 'HPE_HEADER_OVERFLOW')
    return shapeError(
      new EngineError(
        'TOO_LARGE',
        'Address and headers are too large together. Ask for less, or for the rest in a second call.',
      ),
    )
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return shapeError(
      new EngineError('TOO_LARGE', 'The chunks of the body have too long extensions. Send them without extensions.'),
    )
  const message =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'The request did not come to its end in time.'
      : 'The request could not be read: it is not HTTP.'
  return shapeError(
    new EngineError('INVALID_INPUT', message, { fields: [{ path: '', message: 'must be a whole HTTP request' }] }),
  )
}

/** True if the fault is ours. It is then logged with its stack trace. */
export const isUnforeseen = (error: unknown): boolean => refusalOf(error).reason === 'INTERNAL'

function refusalOf(error: unknown): EngineError {
  const engine = findCause(error, (cause) => cause instanceof EngineError)
  if (engine) return engine as EngineError
  if (error instanceof TRPCError) {
    // Wrong input is the caller's fault. Wrong output is ours.
    if (error.code === 'BAD_REQUEST' && error.cause instanceof z.core.$ZodError) return invalidInput(error.cause)
    const known = PROTOCOL[error.code]
    if (known) return new EngineError(known[0], known[1], known[0] === 'INVALID_INPUT' ? { fields: [BODY] } : {})
  }
  if (findCause(error, isDatabaseAway)) {
    return new EngineError('UNAVAILABLE', 'The database does not answer at the moment. Try again in a few seconds.')
  }
  if (findCause(error, isStorageAway)) {
    return new EngineError(
      'UNAVAILABLE',
      'The storage of files does not answer at the moment. Try again in a few seconds.',
    )
  }
  return new EngineError('INTERNAL', 'Something failed on our side. It has been logged. Try again later.')
}

const BODY: FieldProblem = { path: '', message: 'must be readable JSON' }

/**
 * Refusals by tRPC itself, before a procedure runs, and by routes beside it that use its codes. The messages of tRPC
 * contain paths of our code, so these messages replace them.
 */
const PROTOCOL: Partial<Record<TRPC_ERROR_CODE_KEY, [Refusal, string]>> = {
  PARSE_ERROR: ['INVALID_INPUT', 'The request could not be read: it is not JSON, or a batch of the wrong shape.'],
  BAD_REQUEST: ['INVALID_INPUT', 'The request could not be read: it is not JSON, or a batch of the wrong shape.'],
  UNAUTHORIZED: ['UNAUTHENTICATED', 'Sign in, or send Authorization: Bearer <API key>.'],
  FORBIDDEN: ['NOT_PERMITTED', 'You may not do this.'],
  NOT_FOUND: ['NOT_FOUND', 'There is nothing of this name in the API.'],
  METHOD_NOT_SUPPORTED: ['METHOD_NOT_SUPPORTED', 'Queries and subscriptions are called with GET, mutations with POST.'],
  UNSUPPORTED_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send the input as application/json, not compressed.'],
  CLIENT_CLOSED_REQUEST: ['UNAVAILABLE', 'The caller left.'],
}

function invalidInput(error: z.core.$ZodError): EngineError {
  const fields = error.issues.flatMap(fieldsOf).slice(0, 100)
  const first = fields[0]
  const message = first ? `The input does not fit: ${first.path || 'it'} ${first.message}` : 'The input does not fit.'
  return new EngineError('INVALID_INPUT', message, { fields })
}

function fieldsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: fieldPath(issue.path), message: issue.message }]
  return issue.keys.map((key) => ({ path: fieldPath([...issue.path, key]), message: 'is not a known field' }))
}

/** Writes a path in the form `jobs[3].runAt`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text ? `${text}.${String(key)}` : String(key)
  }, '')
}

const AWAY_CODES = new Set([
  // Codes of Prisma: it cannot reach the server, timed out, lost the connection, or has no free connection.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // Codes of Node.js.
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  // Codes of PostgreSQL: shutting down, starting up, too many connections.
  '57P01',
  '57P02',
  '57P03',
  '53300',
])
/**
 * `connect ENOENT` is said of a Unix socket that is not there. Of its code alone that cannot be told: a file that is
 * missing has the same.
 */
const AWAY_MESSAGE =
  /can't reach database|connect ENOENT|connection terminated|timeout exceeded when trying to connect|connection is closed|server has closed the connection/i

/** Told by its name. A web process loads some modules twice, and `instanceof` knows only one of the two classes. */
const isStorageAway = (cause: unknown): boolean => (cause as { name?: unknown }).name === 'StorageError'

function isDatabaseAway(cause: unknown): boolean {
  // `originalCode` and `kind` are those of Prisma's driver adapter: PostgreSQL's own code, and a name for the error.
  const { code, originalCode, kind, message } = cause as Record<string, unknown>
  const codes = [code, originalCode].filter((value) => typeof value === 'string')
  // 08 is PostgreSQL's class of broken connections.
  if (codes.some((value) => AWAY_CODES.has(value) || /^08[0-9A-Z]{3}$/.test(value))) return true
  if (
    kind === 'DatabaseNotReachable' ||
    kind === 'ConnectionClosed' ||
    kind === 'SocketTimeout' ||
    kind === 'TooManyConnections'
  )
    return true
  return typeof message === 'string' && AWAY_MESSAGE.test(message)
}

/** Searches an error and the errors that it wraps. Prisma and tRPC put causes in different places. */
function findCause(error: unknown, matches: (cause: unknown) => boolean): unknown {
  for (let at: unknown = error, depth = 0; at && typeof at === 'object' && depth < 8; depth++) {
    if (matches(at)) return at
    const { cause, meta } = at as { cause?: unknown; meta?: { driverAdapterError?: unknown } }
    at = cause ?? meta?.driverAdapterError
  }
  return undefined
}
