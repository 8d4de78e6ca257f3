import type { z } from 'zod'

/**
 * The form of a procedure's input, as far as it must be known while the body arrives. It is made from the procedure's
 * own Zod schema, which checks the whole input afterwards.
 */
export type Shape =
  /** Any JSON. `payload` marks parameters, results and the like (PAYLOADS), which have their own limits of depth and size. */
  | { kind: 'free'; payload: boolean }
  | { kind: 'object'; members: ReadonlyMap<string, Shape>; strict: boolean; schema: z.core.$ZodType }
  /** `dependencies` marks lists whose items count towards the limit of a call. */
  | { kind: 'list'; items: Shape; max: number; dependencies: boolean; schema: z.core.$ZodType }
  | { kind: 'scalar'; schema: z.core.$ZodType }
  /** A text, or an object in its place. */
  | { kind: 'either'; object: Shape; schema: z.core.$ZodType }

export const FREE: Shape = { kind: 'free', payload: false }
const PAYLOAD: Shape = { kind: 'free', payload: true }
/** Fields with the parameters or result of a job, with a patch of parameters, or with the query of a saved view. */
const PAYLOADS = new Set(['parameters', 'result', 'patch', 'query'])

/** The limit for lists whose schema has no length. No list of an input is longer. */
const LONGEST_LIST = 10_000

/** The parts of a Zod schema's definition that are used here. */
interface Def {
  type: string
  innerType?: z.core.$ZodType
  in?: z.core.$ZodType
  element?: z.core.$ZodType
  shape?: { [name: string]: z.core.$ZodType }
  catchall?: z.core.$ZodType
  options?: z.core.$ZodType[]
  checks?: z.core.$ZodCheck[]
}

const known = new WeakMap<z.core.$ZodType, Shape>()

/** The shape of an input. It is made once for each schema. Without a schema, the shape is any JSON. */
export function shapeOf(schema: z.core.$ZodType | undefined): Shape {
  if (!schema) return FREE
  const shape = known.get(schema) ?? make(schema, schema, '')
  known.set(schema, shape)
  return shape
}

/**
 * @param whole the schema with everything that wraps it, which also tells whether null is allowed
 * @param name the field that has this schema; empty for the whole input and for items of a list
 */
function make(schema: z.core.$ZodType, whole: z.core.$ZodType, name: string): Shape {
  const def = schema._zod.def as unknown as Def
  if (def.innerType) return make(def.innerType, whole, name)
  switch (def.type) {
    case 'object': {
      const members = new Map(
        Object.entries(def.shape ?? {}).map(([member, inner]) => [member, make(inner, inner, member)]),
      )
      return {
        kind: 'object',
        members,
        strict: (def.catchall?._zod.def as Def | undefined)?.type === 'never',
        schema: whole,
      }
    }
    case 'array': {
      const longest = def.checks
        ?.map((check) => check._zod.def as { maximum?: number })
        .find(({ maximum }) => maximum !== undefined)?.maximum
      return {
        kind: 'list',
        items: make(def.element!, def.element!, ''),
        max: longest ?? LONGEST_LIST,
        dependencies: name === 'dependsOn',
        schema: whole,
      }
    }
    // A schema that transforms its value. The shape is that of the value before.
    case 'pipe': {
      const before = make(def.in!, whole, name)
      return before.kind === 'scalar' ? { kind: 'scalar', schema: whole } : before
    }
    // A text or an object in its place. Any other union is free JSON here, and only the schema checks it.
    case 'union': {
      const [text, object, ...others] = (def.options ?? []).map((option) => make(option, option, ''))
      return text?.kind === 'scalar' && object?.kind === 'object' && others.length === 0
        ? { kind: 'either', object, schema: whole }
        : FREE
    }
    case 'string':
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
      return { kind: 'scalar', schema: whole }
    // Such as `z.unknown()` or `z.record()`.
    default:
      return PAYLOADS.has(name) ? PAYLOAD : FREE
  }
}
