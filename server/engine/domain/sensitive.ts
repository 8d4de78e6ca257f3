import { Meter, NO_LIMIT } from './json-schema/meter'
import { compilePattern } from './json-schema/patterns'
import { MASK } from './mask'
import { isObject, resolveRef, subschemas, type JsonObject, type SchemaNode } from './schema-walk'
import type { Json } from './types'

export { MASK }

/** The keyword by which a parameter schema marks sensitive values. */
const KEYWORD = 'x-sensitive'

export interface Masked {
  /**
   * The parameters with `MASK` in each sensitive place. Where nothing is sensitive, this is the object that was given,
   * not a copy.
   */
  parameters: Json
  /** The sensitive places, as keys from the root. */
  places: (string | number)[][]
}

/**
 * The parameters as everybody may read them, with `MASK` wherever the schema says `x-sensitive: true`. The schema is
 * that of the job's own version of its type. Every schema that could apply to a place counts, also behind a $ref, and
 * also in an alternative that this value does not take: a value is hidden when in doubt.
 *
 * @throws CheckTooLong where the meter ran out. Without a meter it is never thrown
 */
export function maskSensitive(schema: Json, parameters: Json, meter: Meter = new Meter(NO_LIMIT, false)): Masked {
  if (!isObject(schema)) return { parameters, places: [] }
  const leading = leadingToMarks(schema)
  const places: Masked['places'] = []
  if (leading.size === 0) return { parameters, places }
  return { parameters: mask(parameters, [schema], { root: schema, leading, places, meter }, []), places }
}

/** The sensitive places where a submission sends the mask itself. Storing it would overwrite the secret. */
export const maskedPlaces = ({ places }: Masked, given: Json): Masked['places'] =>
  places.filter((keys) => keys.reduce<Json | undefined>(member, given) === MASK)

/** The texts that are hidden in `parameters`: the strings and numbers where `masked` has the mask. */
export function sensitiveTexts(masked: Json, parameters: Json): string[] {
  const texts = new Set<string>()
  collect(masked, parameters, texts)
  return [...texts]
}

interface Walk {
  root: JsonObject
  /** Schemas that are marked as sensitive, or lead to one that is. Only these have to be looked at. */
  leading: ReadonlySet<SchemaNode>
  places: Masked['places']
  meter: Meter
}

function mask(value: Json, schemas: readonly SchemaNode[], walk: Walk, keys: (string | number)[]): Json {
  walk.meter.take(1)
  const here = applying(schemas, walk)
  if (here.some(marked)) {
    walk.places.push(keys)
    return MASK
  }
  if (here.length === 0) return value
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      mask(
        item,
        here.flatMap((schema) => itemSchemas(schema, index)),
        walk,
        [...keys, index],
      ),
    )
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (!isObject(value)) return value
  const members = Object.entries(value).map(([name, inner]): [string, Json] => [
    name,
    mask(
      inner,
      here.flatMap((schema) => memberSchemas(schema, name, walk.meter)),
      walk,
      [...keys, name],
    ),
  ])
  return members.some(([name, inner]) => inner !== value[name]) ? Object.fromEntries(members) : value
}

/** All schemas that look at the same value as the given ones, with the given ones, each once. */
function applying(schemas: readonly SchemaNode[], { root, leading, meter }: Walk): JsonObject[] {
  const found = new Set<JsonObject>()
  const open = [...schemas]
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    meter.take(1)
    if (!isObject(schema) || !leading.has(schema) || found.has(schema)) continue
    found.add(schema)
    if (typeof schema.$ref === 'string') open.push(resolveRef(root, schema.$ref) ?? true)
    for (const sub of subschemas(schema)) if (sub.sameValue || sub.keys[0] === 'propertyNames') open.push(sub.schema)
  }
  return [...found]
}

const marked = (schema: JsonObject): boolean => schema[KEYWORD] === true

function itemSchemas(schema: JsonObject, index: number): SchemaNode[] {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
  const own = index < prefix.length ? [prefix[index]] : [schema.items, schema.unevaluatedItems]
  return [...own, schema.contains].filter(isSchema)
}

function memberSchemas(schema: JsonObject, name: string, meter: Meter): SchemaNode[] {
  const { properties, patternProperties } = schema
  const own: (Json | undefined)[] = []
  if (isObject(properties) && Object.hasOwn(properties, name)) own.push(properties[name])
  if (isObject(patternProperties)) {
    for (const [pattern, sub] of Object.entries(patternProperties)) {
      if (mayMatch(pattern, name, meter)) own.push(sub)
    }
  }
  if (own.length === 0) own.push(schema.additionalProperties, schema.unevaluatedProperties)
  return own.filter(isSchema)
}

/** A pattern that can take for ever is not asked: in doubt it is masked. */
function mayMatch(source: string, name: string, meter: Meter): boolean {
  const pattern = compilePattern(source, meter)
  meter.take(pattern.steps(name.length))
  return !pattern.linear || pattern.test(name)
}

const isSchema = (value: Json | undefined): value is SchemaNode => isObject(value) || typeof value === 'boolean'

/** The marked schemas, and all schemas that lead to one. They are found by walking back from the marks. */
function leadingToMarks(root: JsonObject): Set<SchemaNode> {
  const parents = new Map<SchemaNode, SchemaNode[]>()
  const marks: SchemaNode[] = []
  const seen = new Set<SchemaNode>()
  const open: SchemaNode[] = [root]
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    if (marked(schema)) marks.push(schema)
    const children = subschemas(schema).map((sub) => sub.schema)
    if (typeof schema.$ref === 'string') children.push(resolveRef(root, schema.$ref) ?? true)
    for (const child of children) {
      parents.set(child, [...(parents.get(child) ?? []), schema])
      open.push(child)
    }
  }
  const leading = new Set<SchemaNode>()
  for (let schema = marks.pop(); schema !== undefined; schema = marks.pop()) {
    if (leading.has(schema)) continue
    leading.add(schema)
    marks.push(...(parents.get(schema) ?? []))
  }
  return leading
}

function collect(masked: Json, value: Json, texts: Set<string>): void {
  if (masked === MASK && value !== MASK) return leafTexts(value, texts)
  if (Array.isArray(masked) && Array.isArray(value))
    return value.forEach((item, index) => collect(masked[index] ?? null, item, texts))
  if (!isObject(masked) || !isObject(value)) return
  for (const [name, inner] of Object.entries(value)) collect(masked[name] ?? null, inner, texts)
}

function leafTexts(value: Json, texts: Set<string>): void {
  if (typeof value === 'string' && value.trim() !== '') texts.add(value)
  else if (typeof value === 'number') texts.add(String(value))
  else if (Array.isArray(value)) value.forEach((item) => leafTexts(item, texts))
  else if (isObject(value)) Object.values(value).forEach((inner) => leafTexts(inner, texts))
}

function member(value: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(value)) return value[Number(key)]
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
