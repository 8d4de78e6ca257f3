import type { Json } from './types'

/** Knows where in a JSON Schema (2020-12) other schemas stand, and follows its local references. */

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

/** Those that look at the same value as the schema they stand in, not at a part of it. */
const SAME_VALUE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'])

export interface Subschema {
  keys: (string | number)[]
  schema: SchemaNode
  /** Looks at the same value as its parent. */
  sameValue: boolean
}

/** The schemas directly inside of `schema`. */
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

/** A copy in which `change` has seen every schema, the inner ones first. */
export function mapSchemas(schema: SchemaNode, change: (schema: SchemaNode) => SchemaNode): SchemaNode {
  if (!isObject(schema)) return change(schema)
  const inner = (sub: Json): Json => (isSchema(sub) ? mapSchemas(sub, change) : structuredClone(sub))
  const entries = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    if (SCHEMA_KEYWORDS.has(keyword)) return [keyword, inner(value)]
    if (SCHEMA_LIST_KEYWORDS.has(keyword) && Array.isArray(value)) return [keyword, value.map(inner)]
    if (SCHEMA_MAP_KEYWORDS.has(keyword) && isObject(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, inner(sub)]))]
    }
    return [keyword, structuredClone(value)]
  })
  return change(Object.fromEntries(entries))
}

/** What `#`, `#/$defs/a` or `#anchor` means in `root`; undefined when nothing is there. */
export function resolveRef(root: SchemaNode, ref: string): SchemaNode | undefined {
  if (ref === '#') return root
  const fragment = decoded(ref.slice(1))
  if (fragment === undefined) return undefined
  if (!fragment.startsWith('/')) return findAnchor(root, fragment)
  let at: Json | undefined = root
  for (const part of fragment.slice(1).split('/')) at = step(at, part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return isSchema(at) ? at : undefined
}

/** The value at a validator's location such as `#/properties/a/$ref/minLength`, through references. */
export function atLocation(root: SchemaNode, location: string): Json | undefined {
  let at: Json | undefined = root
  for (const key of pointerKeys(location)) {
    at = step(at, key)
    if (key === '$ref' && typeof at === 'string') at = resolveRef(root, at)
  }
  return at
}

/** `#/a~1b/0` → ['a/b', '0'] */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (decoded(part) ?? part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function step(at: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(at)) return at[Number(key)]
  return isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
}

function findAnchor(schema: SchemaNode, anchor: string): SchemaNode | undefined {
  if (isObject(schema) && schema.$anchor === anchor) return schema
  for (const sub of subschemas(schema)) {
    const found = findAnchor(sub.schema, anchor)
    if (found !== undefined) return found
  }
  return undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
