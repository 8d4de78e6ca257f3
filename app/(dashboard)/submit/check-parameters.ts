import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema'
import { childPath, isObject, type Json } from './schema-form'

/** What is wrong, by field path ('' is the whole). The server checks again and has the last word. */
export type Problems = Record<string, string>

/** They only say that something inside is wrong; what is inside follows them. */
const PARENTS = new Set(['properties', 'patternProperties', 'additionalProperties', 'items', 'prefixItems', '$ref', 'allOf', 'if', 'dependentSchemas'])

/** Interprets the schema: nothing is compiled, so the strict content security policy stays as it is. */
export function checkParameters(schema: unknown, value: Json): Problems {
  if (!isObject(schema)) return {}
  let errors: OutputUnit[]
  try {
    // The validator writes on its schema.
    errors = new Validator(structuredClone(schema) as Schema, '2020-12', false).validate(value).errors
  } catch {
    return {}
  }
  const problems: Problems = {}
  const unions: string[] = []
  for (const unit of errors) {
    if (PARENTS.has(unit.keyword)) continue
    if (unions.some((location) => unit.keywordLocation.startsWith(`${location}/`))) continue
    if (unit.keyword === 'anyOf' || unit.keyword === 'oneOf' || unit.keyword === 'contains') unions.push(unit.keywordLocation)
    const path = pathOf(unit, value)
    const limit = at(schema, unit.keywordLocation)
    problems[path] ??= sentence(unit, limit)
  }
  return problems
}

function pathOf(unit: OutputUnit, value: Json): string {
  let path = ''
  let here: unknown = value
  for (const key of pointer(unit.instanceLocation)) {
    const index = Array.isArray(here)
    path = childPath(path, index ? Number(key) : key)
    here = index ? (here as unknown[])[Number(key)] : isObject(here) ? here[key] : undefined
  }
  if (unit.keyword !== 'required' && unit.keyword !== 'dependentRequired') return path
  const names = [...unit.error.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!)
  const missing = names.at(-1)
  return missing === undefined ? path : childPath(path, missing)
}

const pointer = (location: string) =>
  location
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))

/** What the schema says at the keyword; undefined where the way leads through a reference. */
function at(schema: unknown, location: string): unknown {
  let here: unknown = schema
  for (const key of pointer(location)) here = isObject(here) || Array.isArray(here) ? (here as { [key: string]: unknown })[key] : undefined
  return here
}

function sentence(unit: OutputUnit, limit: unknown): string {
  const n = typeof limit === 'number' ? limit : null
  const many = (thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`
  switch (unit.keyword) {
    case 'required':
    case 'dependentRequired':
      return 'This is required.'
    case 'type':
      return `Must be ${TYPES[String(limit)] ?? 'of another type'}.`
    case 'enum':
    case 'const':
      return 'Must be one of the offered values.'
    case 'format':
      return `Must be ${FORMATS[String(limit)] ?? `of the format ${String(limit)}`}.`
    case 'pattern':
      return limit === undefined ? 'Does not have the expected form.' : `Must match ${String(limit)}`
    case 'false':
      return 'Is not known here.'
  }
  if (n !== null) {
    switch (unit.keyword) {
      case 'minLength':
        return n === 1 ? 'Must not be empty.' : `At least ${many('character')}.`
      case 'maxLength':
        return `At most ${many('character')}.`
      case 'minimum':
        return `Must be ${n} or more.`
      case 'maximum':
        return `Must be ${n} or less.`
      case 'exclusiveMinimum':
        return `Must be more than ${n}.`
      case 'exclusiveMaximum':
        return `Must be less than ${n}.`
      case 'multipleOf':
        return `Must be a multiple of ${n}.`
      case 'minItems':
        return `At least ${many('item')}.`
      case 'maxItems':
        return `At most ${many('item')}.`
      case 'minProperties':
        return `At least ${many('field')}.`
      case 'maxProperties':
        return `At most ${many('field')}.`
    }
  }
  if (unit.keyword === 'uniqueItems') return 'The same item stands here twice.'
  return 'Does not fit what the job type asks for.'
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}
const FORMATS: Record<string, string> = {
  'date-time': 'a date and time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  time: 'a time such as 12:00:00Z',
  email: 'an email address',
  uri: 'a full address such as https://example.com/path',
  url: 'a full address such as https://example.com/path',
  uuid: 'a UUID',
}
