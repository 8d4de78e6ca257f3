import { isObject, resolveRef, type JsonObject, type SchemaNode } from './schema-walk'
import type { Json } from './types'

/** Keywords whose schemas look at the same value, in the order in which their fields are taken. */
const LISTS = ['allOf', 'anyOf', 'oneOf'] as const
const SINGLES = ['if', 'then', 'else'] as const

/** The most steps that a browser takes to sort what a page shows. They take far less than a tenth of a second. */
const STEPS_TO_SORT = 200_000
/** The most steps that a submission takes to find the first values of a job. */
const STEPS_TO_FIND = 5_000

/**
 * Returns the same value with the fields of its objects in the order in which the schema names them. Fields that the
 * schema does not know come last, in the order that they had. Names that are whole numbers stay first, because
 * JavaScript puts them there in every object.
 *
 * A value and a schema can be made so that sorting takes for ever. After 200,000 steps the rest stays as it is.
 */
export function inSchemaOrder(value: Json, schema: Json): Json {
  return order(value, rootOf(schema), { root: schema, left: STEPS_TO_SORT })
}

/**
 * The strings, numbers and booleans in a value, in the order of its schema. It reads only as far as the caller asks. It
 * ends after 5,000 steps, which no ordinary value needs for its first few.
 */
export function* scalars(value: Json, schema: Json): Generator<string | number | boolean> {
  yield* walk(value, rootOf(schema), { root: schema, left: STEPS_TO_FIND })
}

/**
 * The schema in which references are looked up, and how many steps are left. Looking at one value or schema is one
 * step.
 */
interface Walk {
  readonly root: Json
  left: number
}

const rootOf = (schema: Json): SchemaNode[] => (isObject(schema) ? [schema] : [])

function order(value: Json, schemas: readonly SchemaNode[], within: Walk): Json {
  if (typeof value !== 'object' || value === null) return value
  const here = applying(schemas, within)
  if (here.length === 0 || within.left < 0) return value
  if (Array.isArray(value)) return value.map((item, index) => order(item, itemSchemas(here, index, within), within))
  return Object.fromEntries(
    fieldNamesInOrder(value, here, within).map((name) => [
      name,
      order(value[name]!, memberSchemas(here, name, within), within),
    ]),
  )
}

function* walk(value: Json, schemas: readonly SchemaNode[], within: Walk): Generator<string | number | boolean> {
  within.left--
  if (value === null || within.left < 0) return
  if (typeof value !== 'object') return yield value
  const here = applying(schemas, within)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (within.left < 0) return
      yield* walk(item, itemSchemas(here, index, within), within)
    }
    return
  }
  for (const name of fieldNamesInOrder(value, here, within)) {
    if (within.left < 0) return
    yield* walk(value[name]!, memberSchemas(here, name, within), within)
  }
}

/** The names of an object's fields. The ones that schemas name come first, in the schemas' order. */
function fieldNamesInOrder(value: JsonObject, schemas: readonly JsonObject[], within: Walk): string[] {
  const ordered = new Set<string>()
  for (const { properties } of schemas) {
    if (!isObject(properties) || within.left < 0) continue
    const known = Object.keys(properties)
    within.left -= known.length
    for (const name of known) if (Object.hasOwn(value, name)) ordered.add(name)
  }
  for (const name of Object.keys(value)) ordered.add(name)
  return [...ordered]
}

/** All schemas that look at the same value as the given ones. The given ones come first, and each appears once. */
function applying(schemas: readonly SchemaNode[], within: Walk): JsonObject[] {
  const { root } = within
  const found = new Set<JsonObject>()
  const add = (schema: unknown): void => {
    if (!isObject(schema) || found.has(schema) || within.left-- < 0) return
    found.add(schema)
    if (typeof schema.$ref === 'string' && isObject(root)) add(resolveRef(root, schema.$ref))
    for (const keyword of LISTS) if (Array.isArray(schema[keyword])) schema[keyword].forEach(add)
    for (const keyword of SINGLES) add(schema[keyword])
    if (isObject(schema.dependentSchemas)) Object.values(schema.dependentSchemas).forEach(add)
  }
  schemas.forEach(add)
  return [...found]
}

function memberSchemas(schemas: readonly JsonObject[], name: string, within: Walk): SchemaNode[] {
  within.left -= schemas.length
  return schemas.flatMap(({ properties, additionalProperties }) =>
    schemaIn(isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties),
  )
}

function itemSchemas(schemas: readonly JsonObject[], index: number, within: Walk): SchemaNode[] {
  within.left -= schemas.length
  return schemas.flatMap(({ prefixItems, items }) =>
    schemaIn(Array.isArray(prefixItems) && index < prefixItems.length ? prefixItems[index] : items),
  )
}

const schemaIn = (schema: Json | undefined): SchemaNode[] => (isObject(schema) ? [schema] : [])
