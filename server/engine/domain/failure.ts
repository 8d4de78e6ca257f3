import { classOf } from './failure-class'
import { fingerprintOf } from './failure-fingerprint'
import {
  asItIs,
  boundText,
  causeOf,
  describeThrown,
  errorChain,
  field,
  frameLines,
  relativePaths,
  shownName,
} from './failure-shape'
import type { Redact } from './redact'
import type { ErrorClass } from './types'

// Turns an error of a handler into what is stored of it: a short message, a class (worth a retry or not), and a
// fingerprint that is the same for the same fault.

/** Characters, as JavaScript counts them. */
export const MAX_ERROR_MESSAGE = 2_000
export const MAX_ERROR_STACK_BYTES = 16_384

/** What is stored of an error that ended an attempt. */
export interface Failure {
  message: string
  class: ErrorClass
  /** Equal for errors that differ only in ids, numbers or names. Dead letters are grouped by it. */
  fingerprint: string
  /** The frames of the error and of its causes. Null where what was thrown has none. */
  stack: string | null
  /** Seconds that the error asks us to wait. Null when it does not say, or no retry will follow. */
  retryAfterSeconds: number | null
}

export interface FailureContext {
  /** The absolute folder of the project. It is removed from messages and stacks. */
  projectRoot?: string
  /** Needed only for a Retry-After that is a date. */
  now?: Date
  /**
   * Hides the job's sensitive parameters. It runs before the message and the stack get their bounds, because half a
   * secret would not be recognized.
   */
  redact?: Redact
}

/**
 * Turns whatever a handler threw into what the engine keeps and decides by (rule 4.6). Takes errors
 * as objects of any realm and as plain data `{name, message, stack, code, status, cause, …}`: a
 * structured clone drops an error's own name and fields, so classify in the thread that threw, or
 * send plain data. Never throws.
 */
export function classifyFailure(error: unknown, { projectRoot, now, redact = asItIs }: FailureContext = {}): Failure {
  try {
    const chain = errorChain(error)
    const message = messageOf(error, projectRoot, redact)
    const errorClass = classOf(chain)
    return {
      message,
      class: errorClass,
      fingerprint: fingerprintOf(error, message, projectRoot),
      stack: stackOf(error, message, projectRoot, redact),
      retryAfterSeconds: errorClass === 'TRANSIENT' ? retryAfterOf(chain, now) : null,
    }
  } catch {
    // A getter or a proxy threw. It is still a failure, but nothing is known about it.
    return {
      message: 'The handler threw an object that cannot be read',
      class: 'TRANSIENT',
      fingerprint: fingerprintOf(undefined, 'unreadable error', undefined),
      stack: null,
      retryAfterSeconds: null,
    }
  }
}

/** For people: the first thing that says what happened, without NUL, passwords in addresses or our own paths. */
function messageOf(error: unknown, projectRoot: string | undefined, redact: Redact): string {
  let message = describeThrown(error, redact)
  const cause = causeOf(error)
  // undici's "fetch failed" alone tells nothing, so the cause is added.
  if (cause !== undefined && /^(?:fetch failed|terminated)$/.test(message))
    message += `: ${describeThrown(cause, redact)}`
  return presentable(message, projectRoot) || shownName(error, redact)
}

const PASSWORD_IN_ADDRESS = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}):[^\s@/]{1,200}@/gi

function presentable(message: string, projectRoot: string | undefined): string {
  // Very long text is cut before it is cleaned.
  const text = relativePaths(message.slice(0, 10 * MAX_ERROR_MESSAGE), projectRoot).replace(
    PASSWORD_IN_ADDRESS,
    '$1:***@',
  )
  return boundText(text.replaceAll('\0', '').trim(), MAX_ERROR_MESSAGE)
}

/**
 * The stacks of the error and its causes. Their headers are made anew, because a message of 100 kB would leave no room
 * for the frames.
 */
function stackOf(error: unknown, message: string, projectRoot: string | undefined, redact: Redact): string | null {
  const parts: string[] = []
  const links = causeChain(error).map((link) => ({ link, frames: frameLines(link) }))
  if (links.every(({ frames }) => frames.length === 0)) return null
  for (const [i, { link, frames }] of links.entries()) {
    const text = i === 0 ? message : presentable(describeThrown(link, redact), projectRoot)
    parts.push([`${i === 0 ? '' : 'Caused by: '}${shownName(link, redact)}: ${text}`, ...frames].join('\n'))
  }
  const stack = redact(relativePaths(parts.join('\n'), projectRoot))
  return boundBytes(boundText(stack, MAX_ERROR_STACK_BYTES), MAX_ERROR_STACK_BYTES)
}

/** The error and its causes, outermost first, at most 5 and each once. */
function causeChain(error: unknown): unknown[] {
  const links: unknown[] = []
  for (let link = error; link !== undefined && links.length < 5 && !links.includes(link); link = causeOf(link))
    links.push(link)
  return links
}

function boundBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text
  // Where a character was cut in two, its rest decodes to U+FFFD.
  return (
    Buffer.from(text)
      .subarray(0, max - 3)
      .toString()
      .replace(/\uFFFD$/, '') + '…'
  )
}

/**
 * `retryAfter` on the error (seconds, or a text as in the header), `data.retryAfterSeconds` of an EngineError, or the
 * Retry-After header of the answer that the error carries.
 */
function retryAfterOf(chain: readonly object[], now: Date | undefined): number | null {
  for (const link of chain) {
    const own = field(link, 'retryAfter') ?? field(field(link, 'data'), 'retryAfterSeconds')
    const seconds = typeof own === 'number' ? own : headerSeconds(own ?? retryAfterHeader(link), now)
    if (seconds !== null && Number.isFinite(seconds) && seconds >= 0) return seconds
  }
  return null
}

function retryAfterHeader(link: object): unknown {
  for (const holder of [field(link, 'response'), link]) {
    const headers = field(holder, 'headers')
    const get = field(headers, 'get')
    const value: unknown =
      typeof get === 'function'
        ? get.call(headers, 'retry-after')
        : (field(headers, 'retry-after') ?? field(headers, 'Retry-After'))
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

function headerSeconds(value: unknown, now: Date | undefined): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return now === undefined || Number.isNaN(at) ? null : Math.max(0, (at - now.getTime()) / 1_000)
}
