import { componentName } from '@/server/api/openapi/json-schema'
import type { JsonSchema } from '@/server/api/openapi/types'

/** A part of a type's text. It is either plain words, or the name of a type that is explained elsewhere. */
export type Piece = { text: string } | { type: string }

/** One field of an object, or of an object inside it, such as `error.message` or `jobs[].ref`. */
export interface Field {
  path: string
  required: boolean
  type: Piece[]
  /** What is allowed, such as `1 to 100` or `matches ^a`. */
  limits: string | null
  description: string | null
}

/** The fields of an input or an answer. There is one list of fields, or one for each alternative. */
export function fieldsOf(schema: JsonSchema): Field[][] {
  const alternatives = (schema.oneOf ?? schema.anyOf)?.filter(({ properties }) => properties)
  if (alternatives && alternatives.length > 1) return alternatives.map((each) => fields(each, ''))
  return [fields(schema, '')]
}

function fields(schema: JsonSchema, prefix: string): Field[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const { schema: property, nullable } = withoutNull(given)
    const path = `${prefix}${name}`
    const inner = property.type === 'array' && property.items ? property.items : property
    return [
      {
        path,
        required: required.has(name),
        type: [...typeOf(property), ...(nullable ? [{ text: ' or null' }] : [])],
        limits: limitsOf(property),
        description: given.description ?? property.description ?? null,
      },
      ...fields(inner, `${path}${inner === property ? '' : '[]'}.`),
    ]
  })
}

/** Separates a schema from the alternative that it may be null. */
function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null')
  if (schema.anyOf && others?.length === 1 && schema.anyOf.length === 2) return { schema: others[0]!, nullable: true }
  if (Array.isArray(schema.type) && schema.type.length === 2 && schema.type.includes('null')) {
    return { schema: { ...schema, type: schema.type.find((type) => type !== 'null') }, nullable: true }
  }
  return { schema, nullable: false }
}

/** A type in words, such as `string`, `integer`, `"a" | "b"` or `Job[]`. */
export function typeOf(schema: JsonSchema): Piece[] {
  if (schema.$ref) return [{ type: componentName(schema.$ref) }]
  if (schema.enum) return [{ text: schema.enum.map((value) => JSON.stringify(value)).join(' | ') }]
  if (schema.const !== undefined) return [{ text: JSON.stringify(schema.const) }]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives)
    return alternatives.flatMap((each, index) => [...(index > 0 ? [{ text: ' | ' }] : []), ...typeOf(each)])
  if (schema.type === 'array') return [...typeOf(schema.items ?? {}), { text: '[]' }]
  if (schema.format === 'uuid') return [{ text: 'UUID' }]
  if (schema.format === 'date-time') return [{ text: 'ISO 8601 time' }]
  if (schema.type === undefined) return [{ text: 'any JSON' }]
  return [{ text: Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type }]
}

/**
 * The limits that a caller can reach. The limits of every 32-bit or safe integer are left out, because they tell
 * nothing.
 */
function limitsOf({
  type,
  minimum,
  maximum,
  minLength,
  maxLength,
  minItems,
  maxItems,
  items,
  pattern,
  format,
}: JsonSchema): string | null {
  const told = [
    type === 'array' ? range(minItems, maxItems, 'items') : null,
    type === 'integer' || type === 'number' ? range(boundWorthShowing(minimum), boundWorthShowing(maximum)) : null,
    type === 'string' && !format ? range(minLength, maxLength, 'characters') : null,
    type === 'string' && !format && pattern ? `matches ${pattern}` : null,
    type === 'array' && items?.pattern && !items.format ? `each matches ${items.pattern}` : null,
  ].filter((each) => each !== null)
  return told.length > 0 ? told.join(', ') : null
}

const boundWorthShowing = (bound: number | undefined) =>
  bound === undefined || Math.abs(bound) >= 2_147_483_647 ? undefined : bound

function range(from: number | undefined, to: number | undefined, unit = ''): string | null {
  const shown = (bound: number) => bound.toLocaleString('en')
  const words =
    from !== undefined && to !== undefined
      ? `${shown(from)} to ${shown(to)}`
      : to !== undefined
        ? `at most ${shown(to)}`
        : from !== undefined
          ? `at least ${shown(from)}`
          : null
  return words && `${words} ${unit}`.trim()
}
