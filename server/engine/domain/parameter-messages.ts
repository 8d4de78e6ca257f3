import type { Fault } from './json-schema/walker'
import { longestOf } from './json-schema/formats'
import { isObject, type JsonObject } from './schema-walk'
import type { Json } from './types'

/** One fault in words, for a person. */
export interface Problem {
  /** Where in the value. */
  keys: (string | number)[]
  message: string
  /**
   * Where several problems lie at one place, only those with the greatest weight are shown: 3 for what is forbidden, 2 for a
   * wrong constant, 1 for a wrong type or form, 0 for all others.
   */
  weight: number
}

/** Says what would be right. The words follow the name of the field: "must be …", "is required …". */
export function describeFault(fault: Fault): Problem {
  const { keyword, keys, schema, value } = fault
  const at = (message: string, weight = 0): Problem => ({ keys, message, weight })
  const limit = schema[keyword]
  const size = Array.isArray(value) ? value.length : typeof value === 'string' ? [...value].length : 0

  switch (keyword) {
    case 'required': {
      const own = (schema.properties as JsonObject | undefined)?.[String(keys.at(-1))] as JsonObject | undefined
      const hint = own?.type === undefined ? '' : `: ${typeNames(own.type)}`
      return at(`is required${hint}`)
    }
    case 'dependentRequired':
      return at(`is required when ${fault.requiredBy} is given`)
    case 'type':
      return at(typeMessage(limit, value), 1)
    case 'const':
      return at(`must be ${shortJson(limit)}`, 2)
    case 'enum':
      return at(`must be ${oneOf(limit)}`, 2)
    case 'not':
      return at(notMessage(fault), 3)
    case 'false':
      return at(forbiddenMessage(fault), 3)
    case 'anyOf':
    case 'oneOf':
      return at(unionMessage(fault, limit), 1)
    case 'format':
      return at(formatMessage(String(limit), value))
    case 'pattern':
      return at(`must match the pattern ${String(limit)}`)
    case 'minLength':
      return at(
        size === 0 && limit === 1
          ? 'must not be empty'
          : `must have at least ${countText(limit, 'character')} (has ${size})`,
      )
    case 'maxLength':
      return at(`must have at most ${countText(limit, 'character')} (has ${size})`)
    case 'minimum':
      return at(`must be at least ${shortJson(limit)} (is ${shortJson(value)})`)
    case 'maximum':
      return at(`must be at most ${shortJson(limit)} (is ${shortJson(value)})`)
    case 'exclusiveMinimum':
      return at(`must be more than ${shortJson(limit)} (is ${shortJson(value)})`)
    case 'exclusiveMaximum':
      return at(`must be less than ${shortJson(limit)} (is ${shortJson(value)})`)
    case 'multipleOf':
      return at(`must be a multiple of ${shortJson(limit)} (is ${shortJson(value)})`)
    case 'minItems':
      return at(`must hold at least ${countText(limit, 'item')} (holds ${size})`)
    case 'maxItems':
      return at(`must hold at most ${countText(limit, 'item')} (holds ${size})`)
    case 'uniqueItems': {
      const [a, b] = fault.items ?? [0, 0]
      return at(`must not hold the same item twice (items ${a} and ${b}, counted from 0)`)
    }
    case 'contains':
      return at(`must hold at least one item that is ${formOf(limit)}`)
    case 'minContains':
      return at(`must hold at least ${countText(limit, 'item')}, each of which is ${formOf(schema.contains)}`)
    case 'maxContains':
      return at(`must hold at most ${countText(limit, 'item')}, each of which is ${formOf(schema.contains)}`)
    case 'minProperties':
      return at(`must have at least ${countText(limit, 'field')}`)
    case 'maxProperties':
      return at(`must have at most ${countText(limit, 'field')}`)
    case 'propertyNames':
      return at(`has a name that is not allowed here: a name must be ${formOf(limit)}`, 3)
    default:
      return at('must fit the schema of the job type')
  }
}

/** A text that is too long for its format was refused without a check. So the message speaks of the length. */
function formatMessage(format: string, value: Json | undefined): string {
  const most = longestOf(format)
  if (typeof value === 'string' && most !== null && value.length > most && most >= LONG)
    return `must have at most ${most.toLocaleString('en')} characters to be of the format ${format} (has ${value.length.toLocaleString('en')})`
  return FORMATS[format] ?? `must have the format ${format}`
}

/** Below this length an example helps more than the number of characters. */
const LONG = 200

/** What a schema asks for, in short: its title, or otherwise its own text. */
function formOf(schema: Json | undefined): string {
  if (schema === false) return 'of no form at all, since the schema allows none'
  if (!isObject(schema)) return 'of any form'
  if (typeof schema.title === 'string') return `of the form "${schema.title.slice(0, 100)}"`
  const { title: _, description: __, $comment: ___, ...rules } = schema
  return `of the form ${shortJson(rules)}`
}

const TYPE_NAMES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

function typeNames(types: Json | undefined): string {
  const names = (Array.isArray(types) ? types : [types]).map((type) => TYPE_NAMES[String(type)] ?? String(type))
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

function typeMessage(wanted: Json | undefined, value: Json | undefined): string {
  const is =
    value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'boolean' ? String(value) : undefined
  // Where a whole number is wanted, the message shows the number that was given, such as 1.5.
  const actual =
    is ?? (typeof value === 'number' && String(wanted).includes('integer') ? String(value) : TYPE_NAMES[typeof value])
  return `must be ${typeNames(wanted)}${actual === undefined ? '' : `, not ${actual}`}`
}

function notMessage({ schema }: Fault): string {
  const forbidden = schema.not as JsonObject | boolean | undefined
  const only = typeof forbidden === 'object' ? (forbidden.const ?? forbidden.enum) : undefined
  return only === undefined
    ? 'must not have this form'
    : `must not be ${Array.isArray(only) ? oneOf(only) : shortJson(only)}`
}

/** The message for a schema that is `false`, which allows no value at all. */
function forbiddenMessage({ keys, holder }: Fault): string {
  const known = Object.keys((holder.properties as JsonObject | undefined) ?? {})
  const closed = holder.additionalProperties === false || holder.unevaluatedProperties === false
  if (!closed || typeof keys.at(-1) !== 'string' || known.includes(String(keys.at(-1)))) return 'is not allowed here'
  if (known.length === 0) return 'is not a known field; none are'
  return `is not a known field; known are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
}

function unionMessage({ matches = 0 }: Fault, branches: Json | undefined): string {
  if (matches > 0) return `must fit exactly one of the allowed forms (fits ${matches})`
  const forms = (Array.isArray(branches) ? branches : []) as JsonObject[]
  const titles = forms.map((form) => {
    if (typeof form.title === 'string') return form.title
    if (form.const !== undefined) return shortJson(form.const)
    if (Array.isArray(form.enum)) return oneOf(form.enum)
    const detail = typeof form.format === 'string' ? ` (${form.format})` : ''
    return form.type === undefined ? undefined : `${typeNames(form.type)}${detail}`
  })
  const known = [...new Set(titles)]
  if (known.length === 0 || known.length > 8 || known.includes(undefined)) return 'must fit one of the allowed forms'
  return `must be ${known.length === 1 ? `one of the forms of ${known[0]}` : `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`}`
}

function oneOf(values: Json | undefined): string {
  const list = Array.isArray(values) ? values : []
  if (list.length === 1) return shortJson(list[0])
  return `one of ${list.slice(0, 12).map(shortJson).join(', ')}${list.length > 12 ? ', …' : ''}`
}

function shortJson(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}

const countText = (number: Json | undefined, thing: string) => `${String(number)} ${thing}${number === 1 ? '' : 's'}`

const FORMATS: Record<string, string> = {
  'date-time': 'must be a date and time such as 2026-01-31T12:00:00Z',
  date: 'must be a date such as 2026-01-31',
  time: 'must be a time such as 12:00:00Z',
  duration: 'must be a duration such as P1DT12H',
  email: 'must be an email address such as name@example.com',
  hostname: 'must be a host name such as example.com',
  ipv4: 'must be an IPv4 address such as 192.0.2.1',
  ipv6: 'must be an IPv6 address such as 2001:db8::1',
  uri: 'must be a full address such as https://example.com/path',
  'uri-reference': 'must be an address such as https://example.com/path or /path',
  iri: 'must be a full address such as https://example.com/path',
  'iri-reference': 'must be an address such as https://example.com/path or /path',
  'idn-email': 'must be an email address such as name@example.com',
  'idn-hostname': 'must be a host name such as example.com',
  uuid: 'must be a UUID such as 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f',
  regex: 'must be a regular expression',
  'json-pointer': 'must be a JSON pointer such as /order/id',
}
