import { isObject, resolveRef, type JsonObject, type SchemaNode } from './schema-walk'
import type { Json } from './types'

/** Keywords whose schemas look at the same value, in the order in which their fields are read. */
const LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const SINGLES = ['if', 'then', 'else'] as const

/**
 * The same value with the fields of its objects in the order in which the schema names them; fields
 * that it does not know come after, as they stood. Names that are whole numbers stay first: JavaScript
 * puts them there in every object.
 */
export function inSchemaOrder(value: Json, schema: Json): Json {
  return order(value, rootOf(schema), schema)
}

/**
 * Strings, numbers and booleans of a value, in the order of its schema, as far as they are asked for:
 * who wants three reads no more.
 */
export function* scalars(value: Json, schema: Json): Generator<string | number | boolean> {
  yield* walk(value, rootOf(schema), schema)
}

const rootOf = (schema: Json): SchemaNode[] => (isObject(schema) ? [schema] : [])

function order(value: Json, schemas: readonly SchemaNode[], root: Json): Json {
  if (Array.isArray(value)) {
    const here = applying(schemas, root)
    return here.length === 0 ? value : value.map((item, index) => order(item, itemSchemas(here, index), root))
  }
  if (!isObject(value)) return value
  const here = applying(schemas, root)
  if (here.length === 0) return value
  return Object.fromEntries(
    names(value, here).map((name) => [name, order(value[name]!, memberSchemas(here, name), root)]),
  )
}

function* walk(value: Json, schemas: readonly SchemaNode[], root: Json): Generator<string | number | boolean> {
  if (value === null) return
  if (typeof value !== 'object') return yield value
  const here = applying(schemas, root)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, itemSchemas(here, index), root)
    return
  }
  for (const name of names(value, here)) yield* walk(value[name]!, memberSchemas(here, name), root)
}

/** The fields of an object: those that schemas name first, in their order. */
function names(value: JsonObject, schemas: readonly JsonObject[]): string[] {
  const ordered = new Set<string>()
  for (const { properties } of schemas) {
    if (isObject(properties))
      for (const name of Object.keys(properties)) if (Object.hasOwn(value, name)) ordered.add(name)
  }
  for (const name of Object.keys(value)) ordered.add(name)
  return [...ordered]
}

/** All schemas that look at the same value as these, themselves first, each once. */
function applying(schemas: readonly SchemaNode[], root: Json): JsonObject[] {
  const found = new Set<JsonObject>()
  const add = (schema: unknown): void => {
    if (!isObject(schema) || found.has(schema)) return
    found.add(schema)
    if (typeof schema.$ref === 'string' && isObject(root)) add(resolveRef(root, schema.$ref))
    for (const keyword of LISTS) if (Array.isArray(schema[keyword])) schema[keyword].forEach(add)
    for (const keyword of SINGLES) add(schema[keyword])
    if (isObject(schema.dependentSchemas)) Object.values(schema.dependentSchemas).forEach(add)
  }
  schemas.forEach(add)
  return [...found]
}

const memberSchemas = (schemas: readonly JsonObject[], name: string): SchemaNode[] =>
  schemas.flatMap(({ properties, additionalProperties }) =>
    schemaIn(isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties),
  )

const itemSchemas = (schemas: readonly JsonObject[], index: number): SchemaNode[] =>
  schemas.flatMap(({ prefixItems, items }) =>
    schemaIn(Array.isArray(prefixItems) && index < prefixItems.length ? prefixItems[index] : items),
  )

const schemaIn = (schema: Json | undefined): SchemaNode[] => (isObject(schema) ? [schema] : [])
