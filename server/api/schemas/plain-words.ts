import type { z } from 'zod'

/**
 * Tells what is wrong with a value of an input. The words follow the name of its field, as in "must be …" or "is
 * required". If a schema has words of its own, those are used instead.
 */
export function plainWords(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && REQUIRED.has(issue.code)) return 'is required'
  const said = WORDS[issue.code] as ((issue: z.core.$ZodRawIssue) => string) | undefined
  return said?.(issue) ?? 'does not fit'
}

/** The kinds of fault that a missing value can have. */
const REQUIRED = new Set<string | undefined>(['invalid_type', 'invalid_value', 'invalid_union'])

type Words = { [C in z.core.$ZodIssue['code']]?: (issue: z.core.$ZodRawIssue<IssueOf<C>>) => string }
type IssueOf<C> = Extract<z.core.$ZodIssue, { code: C }>

const WORDS: Words = {
  invalid_type: ({ expected, input }) =>
    `must be ${TYPES[expected] ?? `of the type ${expected}`}, not ${kindOf(input)}`,
  invalid_value: ({ values }) =>
    values.length === 1 ? `must be ${valueText(values[0])}` : `must be one of ${values.map(valueText).join(', ')}`,
  too_big: ({ origin, maximum, inclusive }) =>
    UNITS[origin]
      ? `must have at most ${countText(maximum, UNITS[origin])}`
      : `must be ${inclusive === false ? 'less than' : 'at most'} ${numberText(maximum)}`,
  too_small: ({ origin, minimum, inclusive }) => {
    if (!UNITS[origin]) return `must be ${inclusive === false ? 'more than' : 'at least'} ${numberText(minimum)}`
    return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${countText(minimum, UNITS[origin])}`
  },
  not_multiple_of: ({ divisor }) => `must be a multiple of ${numberText(divisor)}`,
  invalid_format: ({ format }) =>
    FORMATS[format] ? `must be ${FORMATS[format]}` : 'must have the form that the API document describes',
  unrecognized_keys: ({ keys }) => `has fields that are not known: ${keys.slice(0, 12).join(', ')}`,
  // The options are those of the discriminator, if the forms have one.
  invalid_union: (issue) => {
    const options = (issue as { options?: readonly unknown[] }).options ?? []
    return options.length > 0
      ? `must be one of ${options.map(valueText).join(', ')}`
      : 'must have one of the allowed forms'
  },
  invalid_key: () => 'has a name that is not allowed here',
  invalid_element: () => 'holds an item that does not fit',
}

const TYPES: Partial<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
  date: 'a date',
}
const UNITS: Partial<Record<string, string>> = { string: 'character', array: 'item', set: 'item', map: 'entry' }
const FORMATS: Partial<Record<string, string>> = {
  email: 'an email address such as name@example.com',
  url: 'a full address such as https://example.com/path',
  uuid: 'a UUID',
  guid: 'a UUID',
  datetime: 'a date and time such as 2026-01-31T08:00:00Z',
  date: 'a date such as 2026-01-31',
  time: 'a time such as 08:00:00',
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  // If a whole number is needed, the number itself shows why it is wrong.
  if (typeof input === 'number' || typeof input === 'boolean') return String(input)
  return TYPES[typeof input] ?? typeof input
}

const valueText = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value))
const numberText = (value: number | bigint): string => value.toLocaleString('en')
const countText = (many: number | bigint, unit: string): string =>
  `${numberText(many)} ${unit}${Number(many) === 1 ? '' : 's'}`
