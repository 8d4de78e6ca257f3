import { toStoredJson } from '@/server/engine/domain/canonical-json'
import { inexactNumbers } from '@/server/engine/domain/exact-numbers'
import { doubledName } from '@/server/engine/domain/json-tokens'
import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import type { Json } from '@/server/engine/domain/types'
import type { Answer } from './send'

/** The headers of an answer that may matter later. Cookies and the like do not belong into a job's result. */
const KEPT_HEADERS = ['content-type', 'content-length', 'etag', 'last-modified', 'location', 'x-request-id']
/** Bytes that are kept free for status, headers and the names around them. */
const ENVELOPE_BYTES = 16 * 1024

/** An answer as the job's result: JSON as JSON, and text as text, cut where it is too long. Bytes are left out. */
export function toResult(answer: Answer): Json {
  const headers: { [name: string]: Json } = {}
  for (const name of KEPT_HEADERS) {
    const value = answer.headers[name]
    if (typeof value === 'string') headers[name] = storable(value).slice(0, 1_000)
  }
  return { status: answer.status, headers, ...bodyOf(answer) }
}

function bodyOf({ headers, body, truncated }: Answer): { body: Json; truncated: boolean } {
  const type = headers['content-type'] ?? ''
  if (body.length === 0) return { body: null, truncated }
  // A compressed answer was not asked for, so it is not read.
  if (
    headers['content-encoding'] !== undefined ||
    !/^(?:text\/|application\/(?:[\w.+-]*\+)?(?:json|xml)\b|application\/x-www-form-urlencoded)/i.test(type)
  )
    return { body: null, truncated: true }
  const text = new TextDecoder().decode(body)
  const parsed = truncated || !/json/i.test(type) ? undefined : parse(text)
  if (parsed !== undefined) return { body: parsed, truncated: false }
  return cutToFit(storable(text), truncated)
}

/**
 * Undefined where the text is not JSON, or cannot be kept as JSON. JSON stays text where a number
 * would be rounded, or a name is there twice, of which only one would be kept.
 */
function parse(text: string): Json | undefined {
  try {
    const value = toStoredJson(JSON.parse(text), 'result')
    if (inexactNumbers(text).length > 0 || doubledName(text)) return undefined
    return bytes(value) <= MAX_PAYLOAD_BYTES - ENVELOPE_BYTES ? value : undefined
  } catch {
    return undefined
  }
}

function cutToFit(text: string, truncated: boolean): { body: string; truncated: boolean } {
  let kept = text
  // A character may take up to six bytes when it is written as JSON, so the length is found by trying.
  while (bytes(kept) > MAX_PAYLOAD_BYTES - ENVELOPE_BYTES)
    kept = kept.slice(0, Math.floor(kept.length * 0.9)).toWellFormed()
  return { body: kept, truncated: truncated || kept.length < text.length }
}

const bytes = (value: Json): number => Buffer.byteLength(JSON.stringify(value))
/** PostgreSQL can keep neither NUL nor lone surrogates. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed()
