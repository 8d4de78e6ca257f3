import { MASK } from './mask'
import { scalars } from './schema-order'
import { isObject, resolveRef, type JsonObject } from './schema-walk'
import type { Json } from './types'

/** The largest number of characters in a job's title. */
export const MAX_TITLE = 200
/** The largest number of characters in a template for titles. */
export const MAX_TEMPLATE = 500
/** The largest number of characters that one value adds to a title, so that a long value leaves room for others. */
const MAX_VALUE = 80
/** Stands in a title where the parameters have no value to show. */
const MISSING = '–'
const SEPARATOR = ' · '
/** A job type without a template gets titles of this many values. */
const FIRST_VALUES = 3

/** Control characters, characters that change the direction of text, and invisible ones. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu

/** The fields of a job type that make the titles of its jobs. */
export interface Titled {
  /**
   * A template with paths of the parameters in braces: `{customer.name} · {month}`. Null makes titles of the first
   * three values.
   */
  title: string | null
  displayName: string
  parameterSchema: Json
}

type Part = { text: string } | { keys: string[] }

/**
 * The title of a job. Its type's template is filled in with the parameters. Without a template, or where none of its
 * places has a value, the title is the first three values in the order of the schema. Without any value it is the
 * display name of the type. A title is one line of at most 200 visible characters.
 *
 * @param masked the parameters without sensitive values, because everybody who sees the job reads its title
 */
export function jobTitle({ title, displayName, parameterSchema }: Titled, masked: Json): string {
  return clip(
    tidy(
      (title === null ? null : filled(title, masked)) ??
        firstValues(masked, parameterSchema) ??
        displayName.slice(0, 2 * MAX_TITLE),
    ),
    MAX_TITLE,
  )
}

/** What is wrong with a template, as words that follow the name of its field. Null when it is right. */
export function titleProblem(template: string, schema: Json): string | null {
  if (template.trim() === '') return 'must hold something, or be null: then the first three values make it'
  if (template.length > MAX_TEMPLATE) return `must have at most ${MAX_TEMPLATE} characters (has ${template.length})`
  if (template.search(UNSEEN) >= 0) return 'must hold no control characters and none that cannot be seen'
  const parts = parse(template)
  if (typeof parts === 'string') return parts
  for (const part of parts) {
    if (!('keys' in part)) continue
    const reach = reachOf(schema, part.keys, schema)
    const place = `{${part.keys.join('.')}}`
    if (reach === 'nothing') return `names ${place}, which the parameter schema has no place for`
    if (reach === 'compound') return `names ${place}, which is an object or a list: name one of the values in it`
  }
  return null
}

function filled(template: string, masked: Json): string | null {
  const parts = parse(template)
  // Templates are checked when they are saved. One that cannot be read makes no title.
  if (typeof parts === 'string') return null
  const values = parts.map((part) => ('text' in part ? null : titleText(valueAt(masked, part.keys))))
  if (parts.some((part) => 'keys' in part) && values.every((value) => value === null)) return null
  return parts.map((part, n) => ('text' in part ? part.text : (values[n] ?? MISSING))).join('')
}

function firstValues(masked: Json, schema: Json): string | null {
  const values: string[] = []
  for (const value of scalars(masked, schema)) {
    const text = value === MASK ? null : titleText(value)
    if (text !== null) values.push(text)
    if (values.length === FIRST_VALUES) break
  }
  return values.length === 0 ? null : values.join(SEPARATOR)
}

/** The pieces of a template, or a text that says what is wrong with it. `{{` and `}}` stand for braces. */
function parse(template: string): Part[] | string {
  const parts: Part[] = []
  for (const [piece] of template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (piece === '{{' || piece === '}}') parts.push({ text: piece[0]! })
    else if (piece === '{') return 'has a { without its }: write {{ for a brace'
    else if (piece === '}') return 'has a } without its {: write }} for a brace'
    else if (!piece.startsWith('{')) parts.push({ text: piece })
    else {
      const keys = piece.slice(1, -1).trim().split('.')
      if (keys.some((key) => key.trim() === ''))
        return `has ${piece}: write a path of the parameters between the braces, such as {customer.name}`
      parts.push({ keys })
    }
  }
  return parts
}

function valueAt(value: Json, keys: readonly string[]): Json {
  let at: Json | undefined = value
  for (const key of keys) {
    if (Array.isArray(at)) at = /^\d{1,6}$/.test(key) ? at[Number(key)] : undefined
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at ?? null
}

/** A value as text for a title. Null where it has nothing to show. */
function titleText(value: Json): string | null {
  if (value === null || typeof value === 'object') return null
  // Cut before it is tidied, so that a huge text costs little. Tidying shortens it, so more than MAX_VALUE is kept.
  const text = tidy(String(value).slice(0, 4 * MAX_VALUE))
  return text === '' ? null : clip(text, MAX_VALUE)
}

const tidy = (text: string) => text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()

/** Cuts a text to a length without cutting a character in two. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length - 1)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

/** What a path can lead to: a value that can be shown, only objects and lists, or nothing at all. */
type Reach = 'scalar' | 'compound' | 'nothing'
const RANK: Record<Reach, number> = { nothing: 0, compound: 1, scalar: 2 }
const leastReach = (reaches: Reach[]): Reach => reaches.reduce((a, b) => (RANK[a] <= RANK[b] ? a : b), 'scalar')
const greatestReach = (reaches: Reach[]): Reach => reaches.reduce((a, b) => (RANK[a] >= RANK[b] ? a : b), 'nothing')

/**
 * What was found so far, by schema and then by how many keys of the path were left. An entry is made before its schema
 * is walked, and says 'scalar' until then. So a schema that refers to itself comes to an end.
 */
type Known = Map<JsonObject, Map<number, Reach>>

/**
 * What the schema lets a path lead to. `root` is the whole schema, in which references are looked up. Where the schema
 * may allow more than it lists, as by a pattern of names or a union, the answer is `scalar`.
 */
function reachOf(schema: Json | undefined, keys: readonly string[], root: Json, known: Known = new Map()): Reach {
  if (schema === false) return 'nothing'
  if (!isObject(schema)) return 'scalar'
  const ofSchema = known.get(schema) ?? new Map<number, Reach>()
  known.set(schema, ofSchema)
  const before = ofSchema.get(keys.length)
  if (before !== undefined) return before
  ofSchema.set(keys.length, 'scalar')

  const same = (other: Json | undefined) => reachOf(other, keys, root, known)
  const reaches: Reach[] = [ownReach(schema, keys, root, known)]
  if (typeof schema.$ref === 'string' && isObject(root)) reaches.push(same(resolveRef(root, schema.$ref)))
  if (Array.isArray(schema.allOf)) reaches.push(...schema.allOf.map(same))
  if (Array.isArray(schema.anyOf)) reaches.push(greatestReach(schema.anyOf.map(same)))
  if (Array.isArray(schema.oneOf)) reaches.push(greatestReach(schema.oneOf.map(same)))
  const reach = leastReach(reaches)
  ofSchema.set(keys.length, reach)
  return reach
}

function ownReach(schema: JsonObject, keys: readonly string[], root: Json, known: Known): Reach {
  const [key, ...rest] = keys
  const types = schema.type === undefined ? null : [schema.type].flat()
  if (key === undefined)
    return types !== null && types.every((type) => type === 'object' || type === 'array' || type === 'null')
      ? 'compound'
      : 'scalar'
  const reaches: Reach[] = []
  if (types === null || types.includes('object')) reaches.push(reachOf(memberSchema(schema, key), rest, root, known))
  if ((types === null || types.includes('array')) && /^\d{1,6}$/.test(key)) {
    const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
    reaches.push(reachOf(Number(key) < prefix.length ? prefix[Number(key)] : schema.items, rest, root, known))
  }
  return greatestReach(reaches)
}

function memberSchema(
  { properties, patternProperties, additionalProperties }: JsonObject,
  key: string,
): Json | undefined {
  if (isObject(properties) && Object.hasOwn(properties, key)) return properties[key]
  return isObject(patternProperties) && Object.keys(patternProperties).length > 0 ? undefined : additionalProperties
}
