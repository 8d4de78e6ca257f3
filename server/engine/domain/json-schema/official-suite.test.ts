import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { checkParameterSchema } from '../parameter-schema'
import { Meter, NO_LIMIT, rawFaults } from '../parameters'
import type { Json } from '../types'

interface Group {
  description: string
  schema: Json
  tests: { description: string; data: Json; valid: boolean }[]
}

const folder = path.resolve(import.meta.dirname, '../../../../testing/json-schema-suite/draft2020-12')
const files = ['', 'optional', 'optional/format'].flatMap((part) =>
  readdirSync(path.join(folder, part))
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(part, name)),
)

/** Job types with some of the suite's schemas are refused. These are the messages. */
const REFUSED = [
  /must be "https:\/\/json-schema\.org\/draft\/2020-12\/schema" or absent/,
  /is allowed only at the top|must be an address without #/,
  /nothing is loaded from elsewhere/,
  /which is not a schema in here/,
  /is not supported; use \$(?:ref|anchor)/,
  /is of an older draft/,
  /stands twice in this schema/,
  /contains a NUL character/,
  /^must be one of date-time/,
]

/**
 * Why a job type with this schema would be refused. Two reasons do not count here: that parameters must be one object,
 * and that the name `__proto__` cannot be stored. The checker itself can do both.
 */
function refusal(schema: Json): string | undefined {
  if (typeof schema === 'boolean') return undefined
  const problems = checkParameterSchema(schema)
  return problems.find(
    ({ path: at, message }) =>
      !at.endsWith('.__proto__') && (at !== 'parameterSchema.type' || !message.startsWith('must be "object"')),
  )?.message
}

const fitsSchema = (schema: Json, data: Json): boolean =>
  typeof schema === 'boolean'
    ? schema
    : rawFaults(schema as Json & object, data, new Meter({ ...NO_LIMIT, steps: 1_000_000 }, true)).length === 0

const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Group[]

it.each(files)('the checker answers as the official tests of draft 2020-12 say: %s', (file) => {
  for (const { description, schema, tests } of read(file)) {
    if (refusal(schema) !== undefined) continue
    for (const test of tests)
      expect(fitsSchema(schema, test.data), `${description}: ${test.description}`).toBe(test.valid)
  }
})

it('schemas of the official tests are refused for known reasons only, and at most one test in nine is left out by that', () => {
  let left = 0
  let all = 0
  for (const { schema, tests, description } of files.flatMap(read)) {
    all += tests.length
    const message = refusal(schema)
    if (message === undefined) continue
    left += tests.length
    expect(
      REFUSED.some((reason) => reason.test(message)),
      `${description}: ${message}`,
    ).toBe(true)
  }
  // All tests of the suite, as it lies in testing/.
  expect(all).toBe(1788)
  expect(left).toBeLessThanOrEqual(188)
})
