import type { Json } from './types'

/**
 * A schema as an object. This file knows where in a JSON Schema (2020-12) other schemas stand, and follows its local
 * references.
 */

export type JsonObject = { [key: string]: Json }
export type SchemaNode = JsonObject | boolean

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSchema = (value: unknown): value is SchemaNode => isObject(value) || typeof value === 'boolean'

/** Keywords whose value is a schema, a list of them, or a map of them. */
export const SCHEMA_KEYWORDS = new Set([
  ...['items', 'contains', 'additionalProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'],
  ...['not', 'if', 'then', 'else'],
])
export const SCHEMA_LIST_KEYWORDS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
export const SCHEMA_MAP_KEYWORDS = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
])

/** Keywords whose schemas look at the same value as the schema around them, and not at a part of it. */
const SAME_VALUE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'])

export interface Subschema {
  keys: (string | number)[]
  schema: SchemaNode
  /** True where the schema looks at the same value as the schema around it. */
  sameValue: boolean
}

/** The schemas that stand directly inside `schema`. */
export function subschemas(schema: SchemaNode): Subschema[] {
  if (!isObject(schema)) return []
  const found: Subschema[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const add = (keys: (string | number)[], sub: Json | undefined) => {
      if (isSchema(sub)) found.push({ keys, schema: sub, sameValue: SAME_VALUE.has(keyword) })
    }
    if (SCHEMA_KEYWORDS.has(keyword)) add([keyword], value)
    else if (SCHEMA_LIST_KEYWORDS.has(keyword) && Array.isArray(value))
      value.forEach((sub, i) => add([keyword, i], sub))
    else if (SCHEMA_MAP_KEYWORDS.has(keyword) && isObject(value)) {
      for (const [name, sub] of Object.entries(value)) add([keyword, name], sub)
    }
  }
  return found
}

/**
 * Where schemas stand inside a schema, by JSON pointer and by anchor. Values that only look like schemas, in `default`
 * or `enum`, are left out.
 */
interface Index {
  places: Map<string, SchemaNode>
  anchors: Map<string, SchemaNode>
  /** Anchors that two schemas have. */
  doubled: Set<string>
}

const indexes = new WeakMap<object, Index>()

function indexOf(root: JsonObject): Index {
  const known = indexes.get(root)
  if (known) return known
  const index: Index = { places: new Map(), anchors: new Map(), doubled: new Set() }
  const add = (schema: SchemaNode, pointer: string) => {
    index.places.set(pointer, schema)
    if (!isObject(schema)) return
    if (typeof schema.$anchor === 'string') {
      if (index.anchors.has(schema.$anchor)) index.doubled.add(schema.$anchor)
      else index.anchors.set(schema.$anchor, schema)
    }
    for (const sub of subschemas(schema)) add(sub.schema, `${pointer}/${sub.keys.map(escaped).join('/')}`)
  }
  add(root, '')
  indexes.set(root, index)
  return index
}

const escaped = (key: string | number): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1')

/** The schema that `#`, `#/$defs/a` or `#anchor` means in `root`. Undefined when there is none. */
export function resolveRef(root: SchemaNode, ref: string): SchemaNode | undefined {
  const fragment = ref.startsWith('#') ? decoded(ref.slice(1)) : undefined
  if (fragment === undefined) return undefined
  if (fragment === '') return root
  if (!isObject(root)) return undefined
  const { places, anchors } = indexOf(root)
  return fragment.startsWith('/') ? places.get(fragment) : anchors.get(fragment)
}

/** Anchors that two schemas have, so that it is not clear which one a reference means. */
export const doubledAnchors = (root: JsonObject): ReadonlySet<string> => indexOf(root).doubled

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
