import { resolveRef, type JsonObject } from '@/server/engine/domain/schema-walk'
import { sensitivityOf, type Sensitivity } from '@/server/engine/domain/sensitive-schema'
import { labelOf, onlyValueOf, type FormMeta, type FormNode, type TextFormat } from './form-node'
import { isObject, type Json } from './json'

type Schema = { [key: string]: unknown }

/** Levels of fields and unions. What lies deeper becomes a JSON field. So a schema that refers to itself ends there. */
const MAX_DEPTH = 6
/** A chain of more references than this is taken for one without an end. */
const MOST_REFERENCES = 20
/** A union with more branches becomes a JSON field, because nobody finds their way in a longer list. */
const MOST_BRANCHES = 20
/** A list of more values than this is no group of tick boxes. */
const MOST_TICK_BOXES = 12
/** A text whose `maxLength` is above this gets a field of several lines. */
const LONGEST_LINE = 300
/** The value is the id of an uploaded file (docs/uploads.md). */
const UPLOAD = 'x-jobyard-upload'
/** The value is the name of the uploaded file beside it. The form fills it in and shows no field for it. */
const FILE_NAME = 'x-jobyard-file-name'
/** The value says of each column of the uploaded CSV file beside it what its cells are. */
const COLUMNS = 'x-jobyard-columns'

/** Where in the schema a form is made. */
interface Spot {
  root: JsonObject
  depth: number
  /**
   * What the server masks here. It counts every schema that looks at this value, and not only the one that is drawn.
   */
  marks: Sensitivity
  /** True where a whole value around this one is sensitive. */
  insideSensitive: boolean
}

/**
 * Turns the JSON Schema of a job type's parameters into the form that asks for them. A part without a good control,
 * such as a free object or what lies very deep, becomes a JSON field. The whole is an object, a union or one JSON
 * field.
 */
export function formOf(schema: unknown): FormNode {
  const root = (isObject(schema) ? schema : {}) as JsonObject
  const node = toNode(root, { root, depth: 0, marks: marksOf(root), insideSensitive: false })
  return node.kind === 'object' || node.kind === 'branches' ? node : { ...node, kind: 'json' }
}

/** What the server masks in parameters of a schema, wherever it is marked. */
export const marksOf = (schema: unknown): Sensitivity =>
  sensitivityOf((isObject(schema) ? schema : {}) as JsonObject, mayMatch)

function toNode(input: unknown, spot: Spot): FormNode {
  const schema = resolve(input, spot.root)
  const meta = metaOf(schema, spot)
  const json = (): FormNode => ({ ...meta, kind: 'json', sensitive: meta.sensitive || spot.marks.somewhere })
  if (spot.depth > MAX_DEPTH) return json()

  if ('const' in schema)
    return { ...meta, kind: 'enum', options: [schema.const as Json], initial: schema.const as Json }
  if (Array.isArray(schema.enum)) return { ...meta, kind: 'enum', options: schema.enum as Json[] }
  const constants = constantsOf(schema)
  if (constants) return { ...meta, kind: 'enum', options: constants }

  const type = typeOf(schema)
  switch (type) {
    case null:
      return unionNode(schema, meta, spot) ?? json()
    case 'object':
      if (schema[COLUMNS] === true) return { ...meta, kind: 'columns' }
      return unionNode(schema, meta, spot) ?? objectNode(schema, meta, spot) ?? json()
    case 'array':
      return listNode(schema, meta, spot) ?? json()
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
      return json()
  }
}

/** The spot one step further into the schema: of the same value, or with other `marks` of a part of it. */
const deeper = (spot: Spot, meta: FormMeta, marks = spot.marks): Spot => ({
  root: spot.root,
  depth: spot.depth + 1,
  marks,
  insideSensitive: meta.sensitive,
})

/** Null where there is no union, where it allows only null, or where one of its forms can only be asked for as JSON. */
function unionNode(schema: Schema, meta: FormMeta, spot: Spot): FormNode | null {
  const union = unionOf(schema, spot.root)
  if (!union) return null
  // A union of one form and null is that form: null means that it is not set.
  if (union.length === 1) return { ...toNode(union[0], deeper(spot, meta)), ...givenMeta(meta) }
  const nodes = union.map((branch) => toNode(branch, deeper(spot, meta)))
  if (nodes.length === 0 || nodes.some((node) => node.kind === 'json')) return null
  return { ...meta, kind: 'branches', options: nodes.map((node, i) => ({ label: branchLabel(node, i), node })) }
}

/** Null where the schema says nothing about the fields. */
function objectNode(schema: Schema, meta: FormMeta, spot: Spot): FormNode | null {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const freeNames = freeNamesSchema(schema)
  const rest = freeNames && toNode(freeNames, deeper(spot, meta, spot.marks.ofOtherFields()))
  if (Object.keys(properties).length === 0 && !rest) return null
  const required = Array.isArray(schema.required) ? schema.required : []
  return {
    ...meta,
    kind: 'object',
    // The fields keep the order in which the schema was written. Its author knows what to ask first.
    fields: Object.entries(properties).map(([name, sub]) => ({
      name,
      required: required.includes(name),
      node: toNode(sub, deeper(spot, meta, spot.marks.ofField(name))),
    })),
    rest,
  }
}

/** Null where the schema says nothing about the items. */
function listNode(schema: Schema, meta: FormMeta, spot: Spot): FormNode | null {
  const item = (sub: unknown, index: number) => toNode(sub, deeper(spot, meta, spot.marks.ofItem(index)))
  const maxItems = number(schema.maxItems) ?? Infinity
  if (Array.isArray(schema.prefixItems) && schema.prefixItems.length > 0)
    return {
      ...meta,
      kind: 'tuple',
      items: schema.prefixItems.map(item),
      rest: isObject(schema.items) ? item(schema.items, schema.prefixItems.length) : null,
      maxItems,
    }
  if (!isObject(schema.items)) return null
  const each = item(schema.items, 0)
  if (each.kind === 'enum' && schema.uniqueItems === true && each.options.length <= MOST_TICK_BOXES)
    return { ...meta, kind: 'choices', options: each.options, sensitive: each.sensitive }
  return { ...meta, kind: 'array', item: each, minItems: number(schema.minItems) ?? 0, maxItems }
}

/**
 * Follows references inside the schema. References to other documents never occur, because the server refuses such
 * schemas. A reference to an anchor, or to the whole schema (`#`, which never ends), gives a JSON field.
 */
function resolve(input: unknown, root: JsonObject): Schema {
  let schema: unknown = input
  for (let i = 0; i < MOST_REFERENCES; i++) {
    if (!isObject(schema)) return {}
    const ref = schema.$ref
    if (typeof ref !== 'string') break
    const target = ref.startsWith('#/') ? resolveRef(root, ref) : undefined
    if (!isObject(target)) return {}
    const { $ref: _, ...own } = schema
    schema = { ...target, ...own }
  }
  return isObject(schema) ? schema : {}
}

function metaOf(schema: Schema, { marks, insideSensitive }: Spot): FormMeta {
  const example = Array.isArray(schema.examples) ? (schema.examples[0] as Json | undefined) : undefined
  return {
    title: text(schema.title),
    description: text(schema.description),
    placeholder: example === undefined ? null : typeof example === 'string' ? example : JSON.stringify(example),
    initial: schema.default as Json | undefined,
    sensitive: insideSensitive || marks.whole,
  }
}

/**
 * The values of a union (`anyOf`, `oneOf`) whose branches are all constants. Authors write this to describe each value.
 * The form shows the values only.
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
function unionOf(schema: Schema, root: JsonObject): Schema[] | null {
  const { oneOf, anyOf, ...base } = schema
  const union = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : null
  if (!union || union.length > MOST_BRANCHES || !union.every(isObject)) return null
  const shared = without(base, ['title', 'description', 'default', 'examples'])
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

/** What stands beside a union of one form and null. It wins over what that form says. */
const givenMeta = ({ title, description, placeholder, initial, sensitive }: FormMeta): Partial<FormMeta> => ({
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
    const constant = node.fields.map((field) => onlyValueOf(field)).find((value) => typeof value === 'string')
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

/**
 * The schema of fields whose names the schema does not list: that of the one pattern, or that of
 * `additionalProperties`. Null where there is none, and where there are several, because then the name decides which of
 * them counts. Such fields can be given in the JSON view only.
 */
function freeNamesSchema(schema: Schema): Schema | null {
  const patterns = isObject(schema.patternProperties) ? Object.values(schema.patternProperties).filter(isObject) : []
  const additional = schema.additionalProperties
  const forOthers = isObject(additional) && Object.keys(additional).length > 0 ? additional : null
  if (patterns.length === 0) return forOthers
  return patterns.length === 1 && !forOthers ? patterns[0]! : null
}

/**
 * The type of a value besides null. A schema with `properties` and no type is one of an object. Null where the schema
 * allows several types or names none.
 */
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
      return (number(schema.maxLength) ?? 0) > LONGEST_LINE ? 'multiline' : 'text'
  }
}

/** The server has an engine of its own for patterns. Here the browser's must do, and in doubt a field is hidden. */
function mayMatch(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return true
  }
}

const without = (schema: Schema, names: readonly string[]): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
const number = (value: unknown) => (typeof value === 'number' ? value : null)
