import type { z } from 'zod'

/**
 * What a procedure's input may look like, as far as it must be known while the body still arrives: made from
 * the procedure's own Zod schema, which afterwards judges the whole input by itself.
 */
export type Shape =
  /** Any JSON; `payload` is a job's parameters or result, which has a depth and a size of its own. */
  | { kind: 'free'; payload: boolean }
  | { kind: 'object'; members: ReadonlyMap<string, Shape>; strict: boolean; schema: z.core.$ZodType }
  /** `dependencies`: its items count towards what one call may bring. */
  | { kind: 'list'; items: Shape; max: number; dependencies: boolean; schema: z.core.$ZodType }
  | { kind: 'scalar'; schema: z.core.$ZodType }

export const FREE: Shape = { kind: 'free', payload: false }
const PAYLOAD: Shape = { kind: 'free', payload: true }
const PAYLOADS = new Set(['parameters', 'result', 'patch', 'query'])

/** Of what says nothing about its length. No list of an input is as long. */
const LONGEST_LIST = 10_000

/** The def of any Zod schema, as far as it is read here. */
interface Def {
  type: string
  innerType?: z.core.$ZodType
  in?: z.core.$ZodType
  element?: z.core.$ZodType
  shape?: { [name: string]: z.core.$ZodType }
  catchall?: z.core.$ZodType
  checks?: z.core.$ZodCheck[]
}

const known = new WeakMap<z.core.$ZodType, Shape>()

/** The shape of an input, made once for each schema; without a schema: any JSON. */
export function shapeOf(schema: z.core.$ZodType | undefined): Shape {
  if (!schema) return FREE
  const shape = known.get(schema) ?? make(schema, schema, '')
  known.set(schema, shape)
  return shape
}

/** @param whole the schema with what is wrapped around it, which also says whether null will do. */
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
    case 'pipe': {
      const before = make(def.in!, whole, name)
      return before.kind === 'scalar' ? { kind: 'scalar', schema: whole } : before
    }
    case 'string':
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
      return { kind: 'scalar', schema: whole }
    default:
      return PAYLOADS.has(name) ? PAYLOAD : FREE
  }
}
