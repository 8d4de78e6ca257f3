import { Meter, NO_LIMIT } from './json-schema/meter'
import { compilePattern } from './json-schema/patterns'
import { isObject, resolveRef, subschemas, type JsonObject, type SchemaNode } from './schema-walk'
import type { Json } from './types'

/** Stands in place of a sensitive value wherever it may not be read (rule 8). */
export const MASK = '[masked]'

/** The keyword by which a parameter schema marks what must not be shown. */
const KEYWORD = 'x-sensitive'

export interface Masked {
  /** The parameters with `MASK` in each sensitive place; the very same object where there is none. */
  parameters: Json
  /** The sensitive places, as keys from the root. */
  places: (string | number)[][]
}

/**
 * Parameters as everybody may read them: by the schema of the job's own type version, with `MASK` in
 * place of whatever stands under `x-sensitive: true`. Any schema that can apply to a place decides,
 * also one behind a $ref or in an alternative that this value does not take: in doubt it is masked.
 *
 * @throws CheckTooLong where the meter ran out; without one it never does.
 */
export function maskSensitive(schema: Json, parameters: Json, meter: Meter = new Meter(NO_LIMIT, false)): Masked {
  if (!isObject(schema)) return { parameters, places: [] }
  const leading = leadingToMarks(schema)
  const places: Masked['places'] = []
  if (leading.size === 0) return { parameters, places }
  return { parameters: mask(parameters, [schema], { root: schema, leading, places, meter }, []), places }
}

/** What a submission would write over its own secret: sensitive places that hold nothing but the mask. */
export const maskedPlaces = ({ places }: Masked, given: Json): Masked['places'] =>
  places.filter((keys) => keys.reduce<Json | undefined>(member, given) === MASK)

/** The texts that are hidden in `parameters`: strings and numbers of which `masked` shows only the mask. */
export function sensitiveTexts(masked: Json, parameters: Json): string[] {
  const texts = new Set<string>()
  collect(masked, parameters, texts)
  return [...texts]
}

interface Walk {
  root: JsonObject
  /** Schemas that are marked, or through which a marked one is reached; the others need no look. */
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

/** All schemas that look at the same value as these, themselves included, each once. */
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

/** The marked schemas and all from which one is reached, found backwards from the marks. */
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
