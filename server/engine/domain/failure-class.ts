import { causeOf, field, isZodError, nameOf, rawMessage, textField } from './failure-shape'
import type { ErrorClass } from './types'

/**
 * Would another try help? (rule 4.6: network, timeout, 429/5xx and resource errors are TRANSIENT;
 * validation, permission, 4xx and programming errors PERMANENT.)
 *
 * The outermost link of the chain that says something decides: whoever wrapped an error knew more.
 * Only programming errors wait until the whole chain had its say, because `TypeError: fetch failed`
 * is how undici reports a refused connection. What nobody recognizes is TRANSIENT: a retry too many
 * costs a little time and ends in the dead letters anyway, a job given up too early costs its work.
 */
export function classOf(chain: readonly object[]): ErrorClass {
  for (const link of chain) {
    const verdict = verdictOn(link)
    if (verdict) return verdict
  }
  return chain.some(isProgrammingError) ? 'PERMANENT' : 'TRANSIENT'
}

type Rule = (error: object) => ErrorClass | undefined

function verdictOn(error: object): ErrorClass | undefined {
  for (const rule of RULES) {
    const verdict = rule(error)
    if (verdict) return verdict
  }
  return undefined
}

// Errors are recognized by name and not by instanceof. They cross threads as data, and a handler may bundle its own
// copy of a class.
const byName: Rule = (error) => {
  const name = nameOf(error)
  if (name === 'TransientError') return 'TRANSIENT'
  if (name === 'PermanentError') return 'PERMANENT'
  if (isZodError(error) || PERMANENT_NAMES.has(name)) return 'PERMANENT'
  if (TRANSIENT_NAMES.has(name)) return 'TRANSIENT'
  return undefined
}
const TRANSIENT_NAMES = new Set([
  'AbortError', // An abort of the handler's own fetch. The job's own cancel and timeout are decided before this.
  'TimeoutError',
  'ConnectTimeoutError',
  'HeadersTimeoutError',
  'BodyTimeoutError',
  'SocketError',
  'PrismaClientRustPanicError',
  'StorageError', // Any error of our own storage.
])
const PERMANENT_NAMES = new Set([
  'AssertionError',
  'CanonicalJsonError',
  'DataCloneError',
  'PrismaClientValidationError',
])

/** Refusals of the engine, from `ctx.submit`. One that may be over without a change of the job is worth a retry. */
const byRefusal: Rule = (error) => {
  if (nameOf(error) !== 'EngineError') return undefined
  return PASSING_REFUSALS.has(textField(error, 'reason') ?? '') ? 'TRANSIENT' : 'PERMANENT'
}
const PASSING_REFUSALS = new Set(['RATE_LIMITED', 'QUEUE_FULL', 'ORGANIZATION_SUSPENDED', 'UNAVAILABLE', 'INTERNAL'])

/** An HTTP answer, in the places where fetch wrappers, axios, got and the AWS SDK put its status. */
const byHttpStatus: Rule = (error) => {
  const response = field(error, 'response')
  const candidates = [
    field(error, 'status'),
    field(error, 'statusCode'),
    field(response, 'status'),
    field(response, 'statusCode'),
    field(field(error, '$metadata'), 'httpStatusCode'),
  ]
  const status = candidates.find(
    (value): value is number => Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599,
  )
  if (status === undefined) return undefined
  return status >= 500 || status === 408 || status === 425 || status === 429 ? 'TRANSIENT' : 'PERMANENT'
}

/** Codes of Node, libuv and undici. */
const bySystemCode: Rule = (error) => {
  const code = textField(error, 'code')
  if (code === undefined) return undefined
  if (
    TRANSIENT_CODES.has(code) ||
    (code.startsWith('UND_ERR_') && !UNDICI_MISUSE.has(code)) ||
    code.startsWith('ERR_HTTP2_')
  )
    return 'TRANSIENT'
  if (PERMANENT_CODES.has(code) || UNDICI_MISUSE.has(code)) return 'PERMANENT'
  return undefined
}
const TRANSIENT_CODES = new Set([
  // network
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENOTCONN',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EPROTO',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_PREMATURE_CLOSE',
  // timeouts
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ETIME',
  'ABORT_ERR',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'ERR_SCRIPT_EXECUTION_TIMEOUT',
  // resources
  'ENOMEM',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'EDQUOT',
  'EAGAIN',
  'EBUSY',
  'ENOBUFS',
  'EIO',
  'ERR_WORKER_OUT_OF_MEMORY',
  'ERR_MEMORY_ALLOCATION_FAILED',
])
const PERMANENT_CODES = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ERR_ASSERTION',
  'ERR_INVALID_URL',
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
])
/** Codes by which undici tells that it was called in a wrong way. */
const UNDICI_MISUSE = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/** Prisma's codes, and PostgreSQL's own wherever Prisma or a driver puts them. */
const byDatabase: Rule = (error) => {
  const sqlState = sqlStateOf(error)
  if (sqlState) return PASSING_SQLSTATE.test(sqlState) ? 'TRANSIENT' : 'PERMANENT'
  const name = nameOf(error)
  const code = textField(error, 'code') ?? textField(error, 'errorCode')
  if (code !== undefined && /^P[1-9]\d{3}$/.test(code)) return PASSING_PRISMA.has(code) ? 'TRANSIENT' : 'PERMANENT'
  return name === 'PrismaClientInitializationError' ? 'TRANSIENT' : undefined
}
// P10xx: unreachable, timed out, closed. P2024 pool timeout, P2028 transaction timeout, P2034 conflict
// or deadlock, P2037 too many connections.
const PASSING_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'])
// 08 connection, 40 rollback, 53 resources, 57 operator intervention, 58 I/O, 55006 and 55P03 locked,
// 25P03 and 25P04 timeouts of idle and of long transactions.
const PASSING_SQLSTATE = /^(?:08|40|53|57|58|55006|55P03|25P0[34])/
// Only the classes that PostgreSQL knows: other libraries have five-letter codes, too.
const SQLSTATE = /^(?:0[89ABFLPZ]|2[0-8BDF]|3[489BDF]|4[024]|5[34578]|72|F0|HV|P0|XX)[0-9A-Z]{3}$/

function sqlStateOf(error: object): string | undefined {
  const meta = field(error, 'meta')
  const adapter = field(field(meta, 'driverAdapterError'), 'cause') ?? field(error, 'cause')
  const candidates = [field(error, 'code'), field(meta, 'code'), field(adapter, 'originalCode'), field(adapter, 'code')]
  return candidates.find((value): value is string => typeof value === 'string' && SQLSTATE.test(value))
}

/** Errors that can be recognized only by their message. */
const byMessage: Rule = (error) => {
  const message = rawMessage(error)
  if (
    /heap out of memory|heap limit|memory limit|Array buffer allocation failed|out of memory/i.test(
      message.slice(0, 500),
    )
  )
    return 'TRANSIENT'
  // undici's wrapper. Its cause decides where it says something. The causes listed here are mistakes in the call.
  if (nameOf(error) !== 'TypeError' || !/^(?:fetch failed|terminated|Failed to fetch|network error)\b/i.test(message))
    return undefined
  const cause = causeOf(error)
  if (/^(?:unknown scheme|bad port|not implemented|invalid method)/i.test(rawMessage(cause))) return 'PERMANENT'
  return typeof cause === 'object' && cause !== null ? (verdictOn(cause) ?? 'TRANSIENT') : 'TRANSIENT'
}

const RULES: readonly Rule[] = [byName, byRefusal, byHttpStatus, bySystemCode, byDatabase, byMessage]

const PROGRAMMING = new Set(['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError', 'EvalError', 'URIError'])
const isProgrammingError = (error: object) => PROGRAMMING.has(nameOf(error))
