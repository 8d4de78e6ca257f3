/**
 * Turns a JSON Schema into the form that asks for its values. It has no side effects. A part without a good control,
 * such as a free object or recursion, becomes a JSON field, so that every schema can be filled in.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schema = { [key: string]: unknown }

interface Meta {
  title: string | null
  description: string | null
  placeholder: string | null
  /** The schema's default. Undefined where it has none. */
  initial: Json | undefined
  /**
   * The field is marked `x-sensitive`, or holds something that is. Its text is hidden while it is typed, and it is
   * never copied from another job.
   */
  sensitive: boolean
}
export type TextFormat = 'text' | 'multiline' | 'date' | 'date-time' | 'time' | 'email' | 'uri'

/**
 * The form of one value. `rest` of an object asks for members whose names the schema leaves open. `rest` of a tuple
 * asks for items after the named ones. An object that is `bare` draws no frame, because it stands inside the frame of
 * its union.
 */
export type FormNode = Meta &
  (
    | { kind: 'object'; fields: FormField[]; rest: FormNode | null; bare?: true }
    | { kind: 'array'; item: FormNode; minItems: number; maxItems: number }
    | { kind: 'tuple'; items: FormNode[]; rest: FormNode | null; maxItems: number }
    | { kind: 'branches'; options: Branch[] }
    | { kind: 'choices'; options: Json[] }
    | { kind: 'upload' }
    | { kind: 'file-name' }
    | { kind: 'columns' }
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
/** One way to fill in a `oneOf` or `anyOf`. */
export interface Branch {
  label: string
  node: FormNode
}

const MAX_DEPTH = 6
/** A union with more branches becomes a JSON field, because nobody finds their way in a longer list. */
const MOST_BRANCHES = 20
/** Marks a sensitive value. The server masks it for everybody who may not submit jobs, and in lists for everybody. */
const MARK = 'x-sensitive'
/** The value is the id of an uploaded file (docs/uploads.md). */
const UPLOAD = 'x-jobyard-upload'
/** The value is the name of the uploaded file beside it. The form fills it in and shows no field for it. */
const FILE_NAME = 'x-jobyard-file-name'
/** The value says of each column of the uploaded CSV file beside it what its cells are. */
const COLUMNS = 'x-jobyard-columns'

/** The form of a job type's parameters. The root is always an object or one JSON field. */
export function formOf(schema: unknown): FormNode {
  const node = toNode(schema, schema, 0)
  return node.kind === 'object' || node.kind === 'branches' ? node : { ...node, kind: 'json' }
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
  if (type === null || type === 'object') {
    const union = unionOf(schema, root)
    if (union?.length === 1) return { ...toNode(union[0], root, depth + 1, meta.sensitive), ...presentOnly(meta) }
    if (union) {
      const nodes = union.map((branch) => toNode(branch, root, depth + 1, meta.sensitive))
      if (nodes.every((node) => node.kind !== 'json'))
        return { ...meta, kind: 'branches', options: nodes.map((node, i) => ({ label: branchLabel(node, i), node })) }
    }
  }
  switch (type) {
    case 'object': {
      if (schema[COLUMNS] === true) return { ...meta, kind: 'columns' }
      const properties = isObject(schema.properties) ? schema.properties : {}
      const open = restOf(schema)
      const rest = open && toNode(open, root, depth + 1, meta.sensitive)
      if (Object.keys(properties).length === 0 && !rest) return json
      const required = Array.isArray(schema.required) ? schema.required : []
      return {
        ...meta,
        kind: 'object',
        // The fields keep the order in which the schema was written. Its author knows what to ask first.
        fields: Object.entries(properties).map(([name, sub]) => ({
          name,
          required: required.includes(name),
          node: toNode(sub, root, depth + 1, meta.sensitive),
        })),
        rest,
      }
    }
    case 'array': {
      if (Array.isArray(schema.prefixItems) && schema.prefixItems.length > 0)
        return {
          ...meta,
          kind: 'tuple',
          items: schema.prefixItems.map((item) => toNode(item, root, depth + 1, meta.sensitive)),
          rest: isObject(schema.items) ? toNode(schema.items, root, depth + 1, meta.sensitive) : null,
          maxItems: number(schema.maxItems) ?? Infinity,
        }
      if (!isObject(schema.items)) return json
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
      if (schema[UPLOAD] === true) return { ...meta, kind: 'upload' }
      if (schema[FILE_NAME] === true) return { ...meta, kind: 'file-name' }
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

/**
 * Follows references inside the schema. References to other documents never occur, because the server refuses such
 * schemas.
 */
function resolve(input: unknown, root: unknown): Schema {
  let schema: unknown = input
  for (let i = 0; i < 20; i++) {
    if (!isObject(schema)) return {}
    const ref = schema.$ref
    if (typeof ref !== 'string') break
    // This code does not look up where an anchor leads. If the schema has any mark, the anchor may lead to it, so the
    // value counts as sensitive.
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

/** True where this schema, or one that it refers to, is marked as sensitive. */
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

/**
 * The values of a union (`anyOf`, `oneOf`) whose branches are all constants. Its author wanted to describe each value
 * of an enum.
 */
function constantsOf(schema: Schema): Json[] | null {
  const forms = Array.isArray(schema.oneOf) ? schema.oneOf : Array.isArray(schema.anyOf) ? schema.anyOf : null
  if (!forms || forms.length === 0 || !forms.every((form) => isObject(form) && 'const' in form)) return null
  return forms.map((form) => (form as { const: Json }).const)
}

/**
 * The schemas of a union, each merged with what stands beside the union. Null where there is no union. A branch that
 * allows only null is left out, because a field that is not set says the same.
 */
function unionOf(schema: Schema, root: unknown): Schema[] | null {
  const { oneOf, anyOf, ...base } = schema
  const union = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : null
  if (!union || union.length > MOST_BRANCHES || !union.every(isObject)) return null
  const { title: _, description: __, default: ___, examples: ____, ...shared } = base
  return union
    .map((branch) => resolve(branch, root))
    .filter((branch) => branch.type !== 'null')
    .map((branch) => ({
      ...shared,
      ...branch,
      ...(isObject(shared.properties) && {
        properties: { ...shared.properties, ...(isObject(branch.properties) ? branch.properties : {}) },
      }),
      ...(Array.isArray(shared.required) && {
        required: [...(shared.required as unknown[]), ...(Array.isArray(branch.required) ? branch.required : [])],
      }),
    }))
}

/** What stands beside the union of a nullable field. It overrides what the one remaining branch says. */
const presentOnly = ({ title, description, placeholder, initial, sensitive }: Meta): Partial<Meta> => ({
  ...(title !== null && { title }),
  ...(description !== null && { description }),
  ...(placeholder !== null && { placeholder }),
  ...(initial !== undefined && { initial }),
  ...(sensitive && { sensitive }),
})

/** The label of a branch: its title, or else the constant that tells it apart, or else the kind of its value. */
function branchLabel(node: FormNode, index: number): string {
  if (node.title) return node.title
  if (node.kind === 'object') {
    const constant = node.fields.map((field) => fixed(field)).find((value) => typeof value === 'string')
    return typeof constant === 'string' ? labelOf(constant, { ...node, title: null }) : `Form ${index + 1}`
  }
  return KIND_LABEL[node.kind] ?? `Form ${index + 1}`
}
const KIND_LABEL: { [kind: string]: string } = {
  text: 'Text',
  upload: 'File',
  number: 'Number',
  boolean: 'Yes or no',
  array: 'List',
  tuple: 'List',
  choices: 'Choices',
  enum: 'One of a few',
}

/** The only value that a field can have, where the schema leaves no choice. */
export const fixed = ({ node, required }: FormField): Json | undefined =>
  required && node.kind === 'enum' && node.options.length === 1 ? node.options[0] : undefined

/** The schema for members whose names are open. Null where there is none, or more than one. */
function restOf(schema: Schema): Schema | null {
  const patterns = isObject(schema.patternProperties) ? Object.values(schema.patternProperties).filter(isObject) : []
  if (patterns.length > 0) return patterns.length === 1 ? patterns[0]! : null
  const open = schema.additionalProperties
  return isObject(open) && Object.keys(open).length > 0 ? open : null
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

/**
 * A member that the object itself has. Every object also inherits members, such as `constructor`, and a field may have
 * such a name.
 */
export function ownMember<T>(value: { [key: string]: T }, name: string): T | undefined
export function ownMember(value: unknown, name: string): unknown
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** The label of a field. Where the schema gives no title it is made from the name: "invoiceId" becomes "Invoice id". */
export function labelOf(name: string, node: FormNode): string {
  if (node.title) return node.title
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words ? words[0]!.toUpperCase() + words.slice(1) : name
}

/** The path of a field, written as the server writes it: `order.id`, `rows[2].name`. */
export const childPath = (path: string, key: string | number) =>
  typeof key === 'number'
    ? `${path}[${key}]`
    : /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)
      ? path === ''
        ? key
        : `${path}.${key}`
      : `${path}[${JSON.stringify(key)}]`

/** True where two constants of a schema are equal as JSON. */
export const sameJson = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b)

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
const number = (value: unknown) => (typeof value === 'number' ? value : null)
