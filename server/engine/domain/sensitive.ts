import { Meter, NO_LIMIT } from './json-schema/meter'
import { compilePattern } from './json-schema/patterns'
import { MASK } from './mask'
import { isObject, type SchemaNode } from './schema-walk'
import { applying, isMarked, itemSchemas, leadingToMarks, memberSchemas, type MarkedSchema } from './sensitive-schema'
import type { Json } from './types'

// Hides the values that a job type's schema calls sensitive (`x-sensitive`), wherever they stand in parameters.

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
  const walk: Walk = {
    root: schema,
    leading,
    places,
    meter,
    onSchema: () => meter.take(1),
    mayMatch: (pattern, name) => mayMatch(pattern, name, meter),
  }
  return { parameters: mask(parameters, [schema], walk, []), places }
}

/** The sensitive places where a submission sends the mask itself. Storing it would overwrite the secret. */
export const maskedPlaces = ({ places }: Masked, given: Json): Masked['places'] =>
  places.filter((keys) => keys.reduce<Json | undefined>(member, given) === MASK)

/**
 * The texts that are hidden in `parameters`: the strings and numbers where `masked` has the mask. Blank strings, true
 * and false are left out, because hiding them everywhere would hide too much.
 */
export function sensitiveTexts(masked: Json, parameters: Json): string[] {
  const texts = new Set<string>()
  collect(masked, parameters, texts)
  return [...texts]
}

interface Walk extends MarkedSchema {
  places: Masked['places']
  meter: Meter
}

function mask(value: Json, schemas: readonly SchemaNode[], walk: Walk, keys: (string | number)[]): Json {
  walk.meter.take(1)
  const here = applying(schemas, walk)
  if (here.some(isMarked)) {
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
      here.flatMap((schema) => memberSchemas(schema, name, walk)),
      walk,
      [...keys, name],
    ),
  ])
  return members.some(([name, inner]) => inner !== value[name]) ? Object.fromEntries(members) : value
}

/** A pattern that can take for ever is not asked. It counts as a match, so that in doubt the value is masked. */
function mayMatch(source: string, name: string, meter: Meter): boolean {
  const pattern = compilePattern(source, meter)
  meter.take(pattern.steps(name.length))
  return !pattern.linear || pattern.test(name)
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
