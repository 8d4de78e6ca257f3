import { canonicalStoredJson } from './canonical-json'
import { uniqueMessage, type Problem } from './parameter-messages'
import { isObject, resolveRef, subschemas, type SchemaNode } from './schema-walk'
import type { Json } from './types'

/**
 * `uniqueItems` in linear time. The validator compares each item with each other one: 256 KiB hold
 * 130,000 numbers, which would stop the process for seconds. So, where an array is long, its
 * `uniqueItems` are checked here.
 */
export const LONG_ARRAY = 500

export const usesUniqueItems = (schema: SchemaNode): boolean =>
  isObject(schema) && (schema.uniqueItems === true || subschemas(schema).some((sub) => usesUniqueItems(sub.schema)))

/** Where the first array of more than LONG_ARRAY items stands, if there is one. */
export function longArray(value: Json, keys: (string | number)[] = []): (string | number)[] | undefined {
  if (Array.isArray(value)) {
    if (value.length > LONG_ARRAY) return keys
    for (const [i, item] of value.entries()) {
      const found = typeof item === 'object' ? longArray(item, [...keys, i]) : undefined
      if (found) return found
    }
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const found = typeof member === 'object' ? longArray(member, [...keys, key]) : undefined
      if (found) return found
    }
  }
  return undefined
}

/**
 * The repeated items wherever the schema asks for unique ones. `complete` is false where it asks
 * inside of alternatives (`anyOf`, `if`, …), which cannot be decided apart from the rest.
 */
export function checkUnique(root: SchemaNode, parameters: Json): { problems: Problem[]; complete: boolean } {
  const problems: Problem[] = []
  const asks = reaching(root)
  let complete = true

  const visit = (schema: Json | undefined, value: Json, keys: (string | number)[]): void => {
    if (!isObject(schema) || !asks.has(schema)) return
    if (typeof schema.$ref === 'string') visit(resolveRef(root, schema.$ref), value, keys)
    for (const {
      keys: [keyword],
      schema: sub,
    } of subschemas(schema)) {
      if (keyword === 'allOf') visit(sub, value, keys)
      else if (!FOLLOWED.has(String(keyword)) && isObject(sub) && asks.has(sub)) complete = false
    }
    if (Array.isArray(value)) {
      if (schema.uniqueItems === true) problems.push(...repeated(value, keys))
      const heads = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
      value.forEach((item, i) => visit(i < heads.length ? heads[i] : schema.items, item, [...keys, i]))
    } else if (isObject(value) && isObject(schema.properties)) {
      for (const [name, sub] of Object.entries(schema.properties)) {
        if (Object.hasOwn(value, name)) visit(sub, value[name]!, [...keys, name])
      }
    }
  }
  visit(root, parameters, [])
  return { problems, complete }
}

/** Followed above, or (definitions) reached only through a reference. */
const FOLLOWED = new Set(['properties', 'items', 'prefixItems', 'allOf', '$defs', 'definitions'])

/** The schemas from which some `uniqueItems` can be reached, through references too. */
function reaching(root: SchemaNode): Set<object> {
  const all: { schema: SchemaNode & object; next: SchemaNode[] }[] = []
  const collect = (schema: SchemaNode) => {
    if (!isObject(schema)) return
    const inner = subschemas(schema).map((sub) => sub.schema)
    const target = typeof schema.$ref === 'string' ? resolveRef(root, schema.$ref) : undefined
    all.push({ schema, next: target === undefined ? inner : [...inner, target] })
    inner.forEach(collect)
  }
  collect(root)
  const found = new Set<object>(all.filter(({ schema }) => schema.uniqueItems === true).map(({ schema }) => schema))
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { schema, next } of all) if (next.some((sub) => isObject(sub) && found.has(sub))) found.add(schema)
  }
  return found
}

function repeated(items: readonly Json[], keys: (string | number)[]): Problem[] {
  const seen = new Map<string, number>()
  for (const [i, item] of items.entries()) {
    const text = canonicalStoredJson(item)
    const earlier = seen.get(text)
    if (earlier !== undefined) return [{ keys, message: uniqueMessage(earlier, i), weight: 0 }]
    seen.set(text, i)
  }
  return []
}
