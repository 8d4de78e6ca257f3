/**
 * From a JSON Schema to the form that asks for it. Pure. What has no good control (unions, free
 * objects, recursion) becomes a JSON field, so that every schema can be filled in.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schema = { [key: string]: unknown }

interface Meta {
  title: string | null
  description: string | null
  placeholder: string | null
  /** The schema's default. Undefined: it has none. */
  initial: Json | undefined
  /** It is marked `x-sensitive`, or holds something that is. It is hidden while it is typed, and never copied from another job. */
  sensitive: boolean
}
export type TextFormat = 'text' | 'multiline' | 'date' | 'date-time' | 'time' | 'email' | 'uri'

export type FormNode = Meta &
  (
    | { kind: 'object'; fields: FormField[] }
    | { kind: 'array'; item: FormNode; minItems: number; maxItems: number }
    | { kind: 'choices'; options: Json[] }
    | { kind: 'text'; format: TextFormat; maxLength: number | null }
    | { kind: 'number'; integer: boolean; min: number | null; max: number | null }
    | { kind: 'boolean' }
    | { kind: 'enum'; options: Json[] }
    | { kind: 'json' }
  )
export interface FormField {
  name: string
  required: boolean
  node: FormNode
}

const MAX_DEPTH = 6
/** What the server masks for everybody who may not submit, and in lists for all. */
const MARK = 'x-sensitive'

/** The form of a job type's parameters. The root is always an object or one JSON field. */
export function formOf(schema: unknown): FormNode {
  const node = toNode(schema, schema, 0)
  return node.kind === 'object' ? node : { ...node, kind: 'json' }
}

function toNode(input: unknown, root: unknown, depth: number, within = false): FormNode {
  const schema = resolve(input, root)
  const meta = metaOf(schema, within)
  const json: FormNode = { ...meta, kind: 'json', sensitive: meta.sensitive || holdsMark(schema, root) }
  if (depth > MAX_DEPTH) return json

  if ('const' in schema)
    return { ...meta, kind: 'enum', options: [schema.const as Json], initial: schema.const as Json }
  if (Array.isArray(schema.enum)) return { ...meta, kind: 'enum', options: schema.enum as Json[] }
  const constants = constantsOf(schema)
  if (constants) return { ...meta, kind: 'enum', options: constants }

  const type = typeOf(schema)
  switch (type) {
    case 'object': {
      const properties = schema.properties
      if (!isObject(properties) || Object.keys(properties).length === 0) return json
      const required = Array.isArray(schema.required) ? schema.required : []
      return {
        ...meta,
        kind: 'object',
        // In the order in which the schema was written: its author knows what to ask first.
        fields: Object.entries(properties).map(([name, sub]) => ({
          name,
          required: required.includes(name),
          node: toNode(sub, root, depth + 1, meta.sensitive),
        })),
      }
    }
    case 'array': {
      if (Array.isArray(schema.prefixItems) || !isObject(schema.items)) return json
      const item = toNode(schema.items, root, depth + 1, meta.sensitive)
      if (item.kind === 'enum' && schema.uniqueItems === true && item.options.length <= 12)
        return { ...meta, kind: 'choices', options: item.options }
      return {
        ...meta,
        kind: 'array',
        item,
        minItems: number(schema.minItems) ?? 0,
        maxItems: number(schema.maxItems) ?? Infinity,
      }
    }
    case 'string':
      return { ...meta, kind: 'text', format: textFormat(schema), maxLength: number(schema.maxLength) }
    case 'number':
    case 'integer':
      return {
        ...meta,
        kind: 'number',
        integer: type === 'integer',
        min: number(schema.minimum),
        max: number(schema.maximum),
      }
    case 'boolean':
      return { ...meta, kind: 'boolean' }
    default:
      return json
  }
}

/** Follows local references; a remote one is never there (the server refuses such schemas). */
function resolve(input: unknown, root: unknown): Schema {
  let schema: unknown = input
  for (let i = 0; i < 20; i++) {
    if (!isObject(schema)) return {}
    const ref = schema.$ref
    if (typeof ref !== 'string') break
    // Where an anchor leads is not looked up here: it may be to a mark, if there is one at all.
    if (!ref.startsWith('#/')) return JSON.stringify(root).includes(`"${MARK}":true`) ? { [MARK]: true } : {}
    let target: unknown = root
    for (const part of ref.slice(2).split('/')) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      target = ownMember(target, key)
    }
    if (!isObject(target)) return {}
    const { $ref: _, ...own } = schema
    schema = { ...target, ...own, ...(target[MARK] === true ? { [MARK]: true } : {}) }
  }
  return isObject(schema) ? schema : {}
}

/** True where a schema in here, or one that it refers to, is marked. */
function holdsMark(part: unknown, root: unknown, seen = new Set<unknown>()): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return false
  seen.add(part)
  if (
    isObject(part) &&
    (part[MARK] === true || (typeof part.$ref === 'string' && holdsMark(resolve(part, root), root, seen)))
  )
    return true
  return Object.values(part).some((inner) => holdsMark(inner, root, seen))
}

function metaOf(schema: Schema, within: boolean): Meta {
  const example = Array.isArray(schema.examples) ? (schema.examples[0] as Json | undefined) : undefined
  return {
    title: text(schema.title),
    description: text(schema.description),
    placeholder: example === undefined ? null : typeof example === 'string' ? example : JSON.stringify(example),
    initial: schema.default as Json | undefined,
    sensitive: within || schema[MARK] === true,
  }
}

/** `anyOf` or `oneOf` of constants is an enum that somebody wanted to describe. */
function constantsOf(schema: Schema): Json[] | null {
  const forms = Array.isArray(schema.oneOf) ? schema.oneOf : Array.isArray(schema.anyOf) ? schema.anyOf : null
  if (!forms || forms.length === 0 || !forms.every((form) => isObject(form) && 'const' in form)) return null
  return forms.map((form) => (form as { const: Json }).const)
}

function typeOf(schema: Schema): string | null {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null')
  if (types.length === 1 && typeof types[0] === 'string') return types[0]
  if (types.length > 1) return null
  return isObject(schema.properties) ? 'object' : null
}

function textFormat(schema: Schema): TextFormat {
  switch (schema.format) {
    case 'date':
    case 'date-time':
    case 'time':
    case 'email':
    case 'uri':
      return schema.format
    case 'url':
      return 'uri'
    default:
      return (number(schema.maxLength) ?? 0) > 300 ? 'multiline' : 'text'
  }
}

/** The value of a new form: the schema's defaults, and the objects that are required. */
export function initialValue(node: FormNode): Json | undefined {
  if (node.initial !== undefined) return structuredClone(node.initial)
  if (node.kind !== 'object') return undefined
  const value: { [key: string]: Json } = {}
  for (const { name, node: child, required } of node.fields) {
    // Its fields may have defaults, but nobody has asked for the object itself.
    if (child.kind === 'object' && !required && child.initial === undefined) continue
    // A box that is not ticked means no. It cannot say that nothing was chosen.
    const initial = initialValue(child) ?? (child.kind === 'boolean' && required ? false : undefined)
    if (initial !== undefined) value[name] = initial
  }
  return value
}

/** The parameters of another job without what is sensitive: whoever submits them again enters that anew. */
export function withoutSensitive(node: FormNode, value: Json | undefined): Json | undefined {
  if (node.sensitive) return undefined
  if (node.kind === 'array' && Array.isArray(value)) {
    return value.map((item) => withoutSensitive(node.item, item)).filter((item) => item !== undefined)
  }
  if (node.kind !== 'object' || !isObject(value)) return value
  return node.fields.reduce<{ [key: string]: Json }>(
    (object, { name, node: field }) =>
      Object.hasOwn(object, name) ? withField(object, name, withoutSensitive(field, object[name])) : object,
    value as { [key: string]: Json },
  )
}

/** A value with one of its fields set, or removed where `next` is undefined. The order of the others stays. */
export function withField(value: Json | undefined, name: string, next: Json | undefined): { [key: string]: Json } {
  const object = isObject(value) ? { ...(value as { [key: string]: Json }) } : {}
  if (next !== undefined) return { ...object, [name]: next }
  delete object[name]
  return object
}

/** A member of its own. Every object has inherited ones too, such as `constructor`, and a field may be called so. */
export function ownMember<T>(value: { [key: string]: T }, name: string): T | undefined
export function ownMember(value: unknown, name: string): unknown
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** "invoiceId" → "Invoice id", where the schema gives no title. */
export function labelOf(name: string, node: FormNode): string {
  if (node.title) return node.title
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words ? words[0]!.toUpperCase() + words.slice(1) : name
}

/** The path of a field as the server names it: `order.id`, `rows[2].name`. */
export const childPath = (path: string, key: string | number) =>
  typeof key === 'number'
    ? `${path}[${key}]`
    : /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)
      ? path === ''
        ? key
        : `${path}.${key}`
      : `${path}[${JSON.stringify(key)}]`

/** Equal as JSON, for constants of a schema. */
export const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b)

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
const number = (value: unknown) => (typeof value === 'number' ? value : null)
