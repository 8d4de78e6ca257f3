import { CanonicalJsonError, canonicalStoredJson, jsonPath, toStoredJson } from './canonical-json'
import type { FieldProblem } from './errors'
import { MOST_FAULTS } from './json-schema/evaluate'
import { FORMATS, nearestFormat } from './json-schema/formats'
import {
  doubledAnchors,
  isObject,
  resolveRef,
  SCHEMA_KEYWORDS,
  SCHEMA_LIST_KEYWORDS,
  SCHEMA_MAP_KEYWORDS,
  subschemas,
  type JsonObject,
  type SchemaNode,
} from './schema-walk'
import { patternSizeProblems, sizeProblems, type SchemaProblem } from './schema-size'
import type { Json } from './types'

// Decides which JSON Schemas can be a job type's parameter schema.

const MAX_SCHEMA_BYTES = 65_536
/** The one dialect that parameter schemas may be written in. */
export const JSON_SCHEMA_DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/**
 * Checks whether a JSON Schema can be a job type's parameter schema. It must be an object schema of draft 2020-12 with
 * well-formed keywords. Its references must be local, lead somewhere, and not come back to where they began without
 * going into a field or an item. Its size is limited (schema-size.ts).
 *
 * @returns what is wrong, empty when all is well
 */
export function checkParameterSchema(schema: unknown, root = 'parameterSchema'): FieldProblem[] {
  return check(schema, root, true)
}

/**
 * Checks in the same way a JSON Schema that may be for any value, not only for an object.
 *
 * @returns what is wrong, empty when all is well
 */
export function checkSchema(schema: unknown, root: string): FieldProblem[] {
  return check(schema, root, false)
}

function check(schema: unknown, root: string, forParameters: boolean): FieldProblem[] {
  let stored: Json
  try {
    stored = toStoredJson(schema, root)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    return [{ path: error.path, message: error.problem }]
  }
  if (!isObject(stored))
    return [{ path: root, message: 'must be a JSON Schema object such as {"type": "object", "properties": {}}' }]
  const bytes = Buffer.byteLength(canonicalStoredJson(stored))
  if (bytes > MAX_SCHEMA_BYTES) {
    return [
      { path: root, message: `must be at most ${MAX_SCHEMA_BYTES / 1024} KiB of JSON (is ${Math.ceil(bytes / 1024)})` },
    ]
  }
  const lost = protoNames(stored, [])
  // The sizes of patterns come first, because a large pattern takes long even to read.
  const problems = lost.length > 0 ? lost : patternSizeProblems(stored)
  if (problems.length === 0) problems.push(...rootProblems(stored, forParameters), ...nodeProblems(stored, stored))
  if (problems.length === 0) problems.push(...sizeProblems(stored))
  const fields = problems.map(({ keys, message }) => ({ path: jsonPath(root, keys), message }))
  return fields.slice(0, MOST_FAULTS)
}

/**
 * JavaScript does not keep a name `__proto__` apart from the object's own prototype, so it would be lost on the way.
 */
function protoNames(value: Json, keys: (string | number)[]): SchemaProblem[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => protoNames(item, [...keys, i]))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '__proto__'
      ? [{ keys: [...keys, name], message: 'cannot be kept, because JavaScript uses this name itself: choose another' }]
      : protoNames(inner, [...keys, name]),
  )
}

function rootProblems(schema: JsonObject, forParameters: boolean): SchemaProblem[] {
  const problems: SchemaProblem[] = []
  if (forParameters && schema.type !== 'object')
    problems.push({ keys: ['type'], message: 'must be "object": the parameters of a job are one object' })
  const draft = schema.$schema
  if (draft !== undefined && String(draft).replace(/#$/, '') !== JSON_SCHEMA_DIALECT)
    problems.push({ keys: ['$schema'], message: `must be "${JSON_SCHEMA_DIALECT}" or absent` })
  return problems
}

function nodeProblems(root: JsonObject, schema: SchemaNode, keys: (string | number)[] = []): SchemaProblem[] {
  if (!isObject(schema)) return []
  const problems: SchemaProblem[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const message = keywordProblem(keyword, value, root, keys.length === 0)
    if (message) problems.push({ keys: [...keys, keyword], message })
    else problems.push(...memberProblems(keyword, value, [...keys, keyword]))
  }
  for (const sub of subschemas(schema)) problems.push(...nodeProblems(root, sub.schema, [...keys, ...sub.keys]))
  return problems
}

const isCount = (value: Json) => Number.isSafeInteger(value) && Number(value) >= 0
const isListOfNames = (value: Json) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string') && new Set(value).size === value.length
const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const isType = (value: Json) => typeof value === 'string' && TYPES.includes(value)
const isSchema = (value: Json | undefined) => isObject(value) || typeof value === 'boolean'

const COUNTS = new Set([
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
])
const NUMBERS = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
const FLAGS = new Set([
  'uniqueItems',
  'deprecated',
  'readOnly',
  'writeOnly',
  'x-sensitive',
  'x-jobyard-upload',
  'x-jobyard-file-name',
  'x-jobyard-columns',
])
const STRINGS = new Set(['title', 'description', '$comment', '$schema'])
/**
 * The checker (json-schema/) ignores these keywords. A schema that relies on one would let through what its author wanted
 * to refuse.
 */
const UNSUPPORTED: Record<string, string> = {
  $dynamicRef: 'is not supported; use $ref',
  $dynamicAnchor: 'is not supported; use $anchor',
  $recursiveRef: 'is not supported; use $ref',
  $recursiveAnchor: 'is not supported; use $anchor',
  additionalItems: 'is of an older draft; use prefixItems and items',
  dependencies: 'is of an older draft; use dependentRequired or dependentSchemas',
}

/** What is wrong with the value of a keyword. Unknown keywords count as remarks, and remarks may hold anything. */
function keywordProblem(keyword: string, value: Json, root: JsonObject, atRoot: boolean): string | undefined {
  if (Object.hasOwn(UNSUPPORTED, keyword)) return UNSUPPORTED[keyword]
  if (keyword === 'items' && Array.isArray(value)) return 'must be one schema; for a list of them use prefixItems'
  if (SCHEMA_KEYWORDS.has(keyword)) return isSchema(value) ? undefined : 'must be a schema (an object, true or false)'
  if (SCHEMA_LIST_KEYWORDS.has(keyword))
    return Array.isArray(value) && value.length > 0 ? undefined : 'must be a list of at least one schema'
  if (SCHEMA_MAP_KEYWORDS.has(keyword)) return isObject(value) ? undefined : 'must be an object of schemas'
  if (COUNTS.has(keyword)) return isCount(value) ? undefined : 'must be a whole number, 0 or more'
  if (NUMBERS.has(keyword)) return typeof value === 'number' ? undefined : 'must be a number'
  if (FLAGS.has(keyword)) return typeof value === 'boolean' ? undefined : 'must be true or false'
  if (STRINGS.has(keyword)) return typeof value === 'string' ? undefined : 'must be a string'
  switch (keyword) {
    case 'type':
      if (
        isType(value) ||
        (Array.isArray(value) && value.length > 0 && value.every(isType) && new Set(value).size === value.length)
      )
        return undefined
      return `must be one of ${TYPES.join(', ')}, or a list of them`
    case 'multipleOf':
      return typeof value === 'number' && value > 0 ? undefined : 'must be a number above 0'
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? undefined : 'must be a list of at least one value'
    case 'required':
      return isListOfNames(value) ? undefined : 'must be a list of field names, each once'
    case 'dependentRequired':
      return isObject(value) && Object.values(value).every(isListOfNames)
        ? undefined
        : 'must be an object of lists of field names'
    case 'pattern':
      return patternProblem(value)
    case 'format':
      return formatProblem(value)
    case '$ref':
      return refProblem(value, root)
    case '$anchor':
      if (typeof value !== 'string' || !/^[A-Za-z_][\w.-]*$/.test(value)) return 'must be a name such as address'
      return doubledAnchors(root).has(value) ? 'stands twice in this schema: give each its own name' : undefined
    case '$id':
    case 'id':
      // Old drafts wrote `id` where the present one writes `$id`. The checker follows neither. At the top they change
      // nothing.
      if (!atRoot)
        return keyword === '$id'
          ? 'is allowed only at the top: it would change what $ref refers to'
          : 'is of an older draft; remove it'
      return typeof value === 'string' && !value.includes('#') && URL.canParse(value, 'https://example.com')
        ? undefined
        : 'must be an address without #'
    default:
      return undefined
  }
}

/** Problems one level deeper: in the members of lists and maps of schemas, and in names that are patterns. */
function memberProblems(keyword: string, value: Json, keys: (string | number)[]): SchemaProblem[] {
  const message = 'must be a schema (an object, true or false)'
  if (SCHEMA_LIST_KEYWORDS.has(keyword) && Array.isArray(value)) {
    return value.flatMap((sub, i) => (isSchema(sub) ? [] : [{ keys: [...keys, i], message }]))
  }
  if (!SCHEMA_MAP_KEYWORDS.has(keyword) || !isObject(value)) return []
  return Object.entries(value).flatMap(([name, sub]) => {
    if (!isSchema(sub)) return [{ keys: [...keys, name], message }]
    const pattern = keyword === 'patternProperties' ? patternProblem(name) : undefined
    return pattern ? [{ keys: [...keys, name], message: pattern }] : []
  })
}

function patternProblem(value: Json): string | undefined {
  if (typeof value !== 'string') return 'must be a regular expression as a string'
  if (value.length > 1_000) return 'must have at most 1000 characters'
  try {
    // Only for the syntax. It is compiled when a value is held against it.
    new RegExp(value, 'u')
    return undefined
  } catch (error) {
    return `must be a regular expression of JavaScript with the flag u (${(error as Error).message.replace(/^Invalid regular expression: /, '')})`
  }
}

function formatProblem(value: Json): string | undefined {
  if (typeof value === 'string' && FORMATS.includes(value)) return undefined
  const meant = typeof value === 'string' ? nearestFormat(value) : undefined
  return `must be one of ${FORMATS.join(', ')}${meant ? `; perhaps "${meant}" was meant` : '; leave it out where none of them says it'}`
}

function refProblem(ref: Json, root: JsonObject): string | undefined {
  if (typeof ref !== 'string' || !ref.startsWith('#')) {
    return 'must stay within this schema, such as "#/$defs/address": nothing is loaded from elsewhere'
  }
  return resolveRef(root, ref) === undefined
    ? `refers to ${ref.slice(0, 100)}, which is not a schema in here`
    : undefined
}
