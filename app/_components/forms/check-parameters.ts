import type { Fault } from '@/server/engine/domain/json-schema/walker'
import { intendedBranch, longestOf, Meter, rawFaults } from '@/server/engine/domain/parameters'
import { childPath, isObject, type Json } from './json'

/**
 * What is wrong with the parameters, by the path of the field. The path '' stands for the whole. The server checks
 * again, and its answer counts.
 */
export type Problems = Record<string, string>

/**
 * The most work that one check may take, since the form checks while somebody types. It is at most 20 ms, and 16 ms
 * more for patterns that are new: a step takes 0.4 µs at worst (domain/json-schema/meter.ts), compiling a part of a
 * pattern some 4 µs (pattern-size.ts).
 */
const MOST_WORK = { steps: 50_000, compiling: 4_000 }

/**
 * Checks parameters as the server does. It tells in words for a form what is wrong. A check that takes too long reports
 * nothing, and the server decides.
 */
export function checkParameters(schema: unknown, value: Json): Problems {
  if (!isObject(schema)) return {}
  const problems: Problems = {}
  try {
    // A copy, because the meter counts down in what it is given. False: no pattern may run that can take for ever,
    // because nothing could end it here.
    const meter = new Meter({ ...MOST_WORK }, false)
    for (const fault of rawFaults(schema as Json & object, value, meter).flatMap(intendedFaults)) {
      const path = fault.keys.reduce<string>(childPath, '')
      if (!Object.hasOwn(problems, path)) problems[path] = sentence(fault)
    }
  } catch {
    // The check would take too long, needs a pattern that may not run here, or the schema itself is broken.
    return {}
  }
  return problems
}

/** For a value that fits no branch of a union: the faults of the branch that was clearly meant, where there is one. */
const intendedFaults = (fault: Fault): Fault[] => intendedBranch(fault)?.flatMap(intendedFaults) ?? [fault]

function sentence({ keyword, schema, value }: Fault): string {
  const limit: unknown = schema[keyword]
  const n = typeof limit === 'number' ? limit : null
  const many = (thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return 'This is required.'
    case 'type':
      return `Must be ${TYPES[String(limit)] ?? 'of another type'}.`
    case 'enum':
    case 'const':
      return 'Must be one of the offered values.'
    case 'format': {
      // A very long text of a format such as `uri` is more likely too long than wrong. For a short format such as
      // `uuid`, the length is not what to tell, and the form names the format.
      const most = longestOf(String(limit))
      if (typeof value === 'string' && most !== null && most > 1_000 && value.length > most)
        return `At most ${most.toLocaleString('en')} characters.`
      return `Must be ${FORMATS[String(limit)] ?? `of the format ${String(limit)}`}.`
    }
    case 'pattern':
      return `Must match ${String(limit)}`
    // The schema `false`, which takes no value. It stands where no other fields are allowed.
    case 'false':
      return 'The job type knows no such field.'
  }
  if (n !== null) {
    switch (keyword) {
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
  if (keyword === 'uniqueItems') return 'An item is in the list twice.'
  return 'Does not fit the schema of the job type.'
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
  uuid: 'a UUID',
}
