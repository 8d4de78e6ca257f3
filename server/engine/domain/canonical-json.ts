import { types } from 'node:util'
import type { Json } from './types'

/**
 * What a submission's parameters become in PostgreSQL, and the one text that stands for them.
 *
 * Parameters are stored as JSON, so what is hashed is what is stored: `canonicalJson` is RFC 8785
 * over `toStoredJson`, and two submissions are the same job exactly when a handler could not tell
 * them apart. The types that JSON lacks are stored as:
 *
 * | value               | stored as                                                             |
 * |---------------------|-----------------------------------------------------------------------|
 * | Date                | ISO 8601 string (so a Date and its ISO string are the same job)       |
 * | BigInt              | decimal string, whatever its size: a type must not depend on a value  |
 * | Decimal             | decimal string without trailing zeros (1.50 and 1.5 are the same job) |
 * | Map, string keys    | object                                                                |
 * | Map, other keys     | array of [key, value], sorted, so that insertion order cannot matter  |
 * | Set                 | array, sorted, each value once                                        |
 * | URL                 | its href                                                              |
 * | Buffer, Uint8Array  | base64 string                                                         |
 * | has `toJSON()`      | what that returns                                                     |
 * | undefined           | no member; in an array null, as in JSON.stringify                     |
 *
 * Refused, with the path: NaN, Infinity, functions, symbols, cycles, NUL and lone surrogates (which
 * PostgreSQL cannot keep), nesting deeper than 100, and objects that JSON would silently empty
 * (RegExp, Error, Promise, …).
 */

const MAX_JSON_DEPTH = 100
/**
 * A limit far above what fits into 256 KiB. Without it, an object that refers to the same part again and again could
 * take for ever to write out.
 */
const MAX_VALUES = 1_000_000

/** A value that has no JSON form. `path` as in `order.items[0].sku`, empty for the value itself. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError'
  constructor(
    readonly path: string,
    /** The reason without the path. */
    readonly problem: string,
  ) {
    super(path === '' ? problem : `${path}: ${problem}`)
  }
}

/**
 * A text that is the same for equal values and differs for unequal ones (RFC 8785 over `toStoredJson`).
 *
 * @throws CanonicalJsonError whose path begins with `root`
 */
export function canonicalJson(value: unknown, root = ''): string {
  return canonicalStoredJson(toStoredJson(value, root))
}

/**
 * The JSON that PostgreSQL will hold for `value` (see the table above). Applying it a second time changes nothing.
 *
 * @throws CanonicalJsonError whose path begins with `root`, such as `parameters`
 */
export function toStoredJson(value: unknown, root = ''): Json {
  const stored = convert(value, { root, keys: [], parents: [], values: 0 })
  if (stored === undefined) throw new CanonicalJsonError(root, 'is undefined; give a JSON value')
  return stored
}

/**
 * RFC 8785 for a value that is known to be clean JSON, such as one from `toStoredJson`. It is fast because it checks
 * nothing.
 */
export function canonicalStoredJson(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') return String(value === 0 ? 0 : value)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '[' : ',') + canonicalStoredJson(item)
    return text === '' ? '[]' : text + ']'
  }
  // The default sort compares UTF-16 code units, which is what RFC 8785 asks for.
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined)
      text += (text === '' ? '{' : ',') + JSON.stringify(key) + ':' + canonicalStoredJson(member)
  }
  return text === '' ? '{}' : text + '}'
}

/** A path made of keys: names joined by dots, indexes and odd names in brackets. */
export function jsonPath(root: string, keys: readonly (string | number)[]): string {
  let path = root
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`
    else if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) path += path === '' ? key : `.${key}`
    else path += `[${JSON.stringify(key)}]`
  }
  return path
}

interface Walk {
  root: string
  /** The keys that lead to the current value. They become text only when something is wrong. */
  keys: (string | number)[]
  /**
   * The objects that contain the current value. Meeting one of them again is a cycle. There are at most 100, so
   * searching them is cheap.
   */
  parents: object[]
  values: number
}

function convert(value: unknown, walk: Walk): Json | undefined {
  if (++walk.values > MAX_VALUES) return refuse(walk, `holds more than ${MAX_VALUES} values`)
  switch (typeof value) {
    case 'string':
      return checkText(value, walk)
    case 'number':
      if (!Number.isFinite(value)) return refuse(walk, `${value} is not a JSON number; give a finite number or null`)
      return value === 0 ? 0 : value // This covers minus zero, too.
    case 'boolean':
    case 'undefined':
      return value
    case 'bigint':
      return value.toString()
    case 'function':
      return refuse(walk, 'is a function; JSON holds only data')
    case 'symbol':
      return refuse(walk, 'is a symbol; JSON holds only data')
    default:
      return value === null ? null : convertObject(value as object, walk)
  }
}

function convertObject(value: object, walk: Walk): Json | undefined {
  if (walk.parents.includes(value)) return refuse(walk, 'refers to an object that contains it (a cycle)')
  if (walk.parents.length >= MAX_JSON_DEPTH) return refuse(walk, `is nested deeper than ${MAX_JSON_DEPTH} levels`)
  walk.parents.push(value)
  const stored = convertByKind(value, walk)
  walk.parents.pop()
  return stored
}

function convertByKind(value: object, walk: Walk): Json | undefined {
  if (Array.isArray(value)) return convertItems(value, walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    if (types.isDate(value)) {
      return Number.isNaN(value.getTime()) ? refuse(walk, 'is an invalid Date') : value.toISOString()
    }
    if (types.isMap(value)) return convertMap(value, walk)
    if (types.isSet(value)) return sortedOnce(convertItems([...value], walk))
    if (types.isUint8Array(value)) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    }
    if (isUrl(value)) return checkText(value.href, walk)
    if (isDecimal(value)) return decimalText(value, walk)
    if (types.isBoxedPrimitive(value)) return convert(value.valueOf(), walk)
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return convert((value as { toJSON(): unknown }).toJSON(), walk)
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag !== 'Object') return refuse(walk, `is of the type ${tag}, which has no JSON form`)
  return convertMembers(value as Record<string, unknown>, walk)
}

function convertItems(items: readonly unknown[], walk: Walk): Json[] {
  const stored: Json[] = []
  for (let i = 0; i < items.length; i++) {
    walk.keys.push(i)
    stored.push(convert(items[i], walk) ?? null)
    walk.keys.pop()
  }
  return stored
}

function convertMembers(value: Record<string, unknown>, walk: Walk): Json {
  if (Object.getOwnPropertySymbols(value).length > 0) return refuse(walk, 'has a symbol as a key; keys must be strings')
  const stored: { [key: string]: Json } = {}
  for (const key of Object.keys(value)) {
    walk.keys.push(key)
    checkText(key, walk)
    addMember(stored, key, convert(value[key], walk))
    walk.keys.pop()
  }
  return stored
}

function convertMap(map: ReadonlyMap<unknown, unknown>, walk: Walk): Json {
  const keys = [...map.keys()]
  if (keys.every((key) => typeof key === 'string')) {
    const stored: { [key: string]: Json } = {}
    for (const key of keys) {
      walk.keys.push(key)
      checkText(key, walk)
      addMember(stored, key, convert(map.get(key), walk))
      walk.keys.pop()
    }
    return stored
  }
  const entries: { text: string; entry: Json }[] = []
  for (const [key, member] of map) {
    walk.keys.push(entries.length)
    const storedKey = convert(key, walk)
    if (storedKey === undefined) return refuse(walk, 'has undefined as the key of a Map')
    entries.push({ text: canonicalStoredJson(storedKey), entry: [storedKey, convert(member, walk) ?? null] })
    walk.keys.pop()
  }
  entries.sort((a, b) => byCodeUnits(a.text, b.text))
  const twin = entries.find(({ text }, i) => text === entries[i + 1]?.text)
  if (twin) return refuse(walk, `is a Map with two keys that are both stored as ${twin.text.slice(0, 100)}`)
  return entries.map(({ entry }) => entry)
}

/** An assignment to `__proto__` would set the prototype and lose the member. */
function addMember(stored: { [key: string]: Json }, key: string, member: Json | undefined): void {
  if (member === undefined) return
  if (key !== '__proto__') stored[key] = member
  else Object.defineProperty(stored, key, { value: member, enumerable: true, configurable: true, writable: true })
}

/** Sets have no order: strings first, then numbers by size, then the rest by their text. */
function sortedOnce(items: Json[]): Json[] {
  const rows = items.map((item) => ({ item, text: canonicalStoredJson(item) }))
  rows.sort((a, b) =>
    typeof a.item === 'number' && typeof b.item === 'number' ? a.item - b.item : byCodeUnits(a.text, b.text),
  )
  return rows.filter(({ text }, i) => i === 0 || text !== rows[i - 1]?.text).map(({ item }) => item)
}

const byCodeUnits = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function checkText(text: string, walk: Walk): string {
  if (text.includes('\0')) return refuse(walk, 'contains a NUL character')
  if (/\p{Surrogate}/u.test(text)) return refuse(walk, 'contains half of a surrogate pair (broken Unicode)')
  return text
}

function refuse(walk: Walk, problem: string): never {
  throw new CanonicalJsonError(jsonPath(walk.root, walk.keys), problem)
}

function isUrl(value: object): value is URL {
  // The test is by tag and not by instanceof, because the URL may come from another realm, such as a test runner's or a
  // vm's.
  return Object.prototype.toString.call(value) === '[object URL]' && typeof (value as URL).href === 'string'
}

/**
 * The fields that decimal.js, decimal.js-light, big.js, bignumber.js and Prisma's own copy have in common. So none of
 * them must be imported.
 */
interface DecimalLike {
  s: number
  e: number
  toFixed(): string
  toExponential(): string
}

function isDecimal(value: object): value is DecimalLike {
  const it = value as { s?: unknown; e?: unknown; d?: unknown; c?: unknown; toFixed?: unknown; toExponential?: unknown }
  const digits = 'd' in it ? it.d : it.c
  return (
    typeof it.toFixed === 'function' &&
    typeof it.toExponential === 'function' &&
    // A decimal without digits is NaN or Infinity. It is recognized as a Decimal here, and refused below.
    (Array.isArray(digits) || digits === null || (Number.isNaN(it.e) && 'd' in it))
  )
}

function decimalText(value: DecimalLike, walk: Walk): string {
  if (!Number.isFinite(value.e)) return refuse(walk, `${String(value)} is not a finite Decimal`)
  // These two methods do not depend on the constructor's settings, as toString() does. The exponent form keeps 1e9000
  // from becoming 9,000 digits.
  const text = Math.abs(value.e) <= 1_000 ? value.toFixed() : value.toExponential()
  return /^-0(?:\.0*)?$/.test(text) ? '0' : text
}
