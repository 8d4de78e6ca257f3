import fc, { type Arbitrary } from 'fast-check'
import { z } from 'zod'
import type { Json } from '@/server/engine/domain/types'

// Makes inputs that a procedure accepts, or nearly accepts, from its own Zod schema. So a new procedure is tested from
// its first day.

type Schema = { [keyword: string]: unknown }

/** A placeholder for something that exists at the time of the call. known.fixture.ts replaces it. */
const reference = (kind: string): Arbitrary<string> =>
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((at) => `@@${kind}:${at}@@`)

/** Inputs for the schema of a procedure. Without a schema, the input is any JSON or nothing. */
export function inputsOf(schema: z.ZodType | undefined): Arbitrary<Json | undefined> {
  if (!schema) return fc.option(anyJson, { nil: undefined, freq: 2 })
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema
  const input = arbitraryOf(json, '')
  return schema.safeParse(undefined).success ? fc.option(input, { nil: undefined, freq: 10 }) : input
}

const anyJson = fc.jsonValue({ maxDepth: 3 }) as Arbitrary<Json>
const anyObject = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), anyJson, { maxKeys: 4 }) as Arbitrary<Json>
const WORDS = ['alpha', 'beta', 'order.id', 'order', '0', 'x', 'needle']

/** A schema does not tell which texts are names of something, but the name of the field does. */
const BY_FIELD: { [field: string]: Arbitrary<Json> } = {
  organizationId: reference('organization'),
  jobId: reference('job'),
  dependsOn: fc.oneof(reference('job'), reference('job'), fc.constantFrom('a', 'b', 'c')),
  ref: fc.constantFrom('a', 'b', 'c'),
  jobType: reference('jobType'),
  name: fc.oneof(
    { weight: 4, arbitrary: reference('jobType') },
    { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 30 }) },
  ),
  handler: fc.constantFrom('sample.noop', 'sample.noop', 'no.such'),
  cursor: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: reference('cursor') },
    { weight: 1, arbitrary: fc.base64String({ minLength: 1, maxLength: 60 }) },
  ),
  lastEventId: fc.oneof(reference('event'), fc.string({ maxLength: 40 }), fc.constant(null)),
  search: fc.oneof(
    fc.constantFrom(...WORDS.filter((word) => word.length > 2)),
    fc.string({ minLength: 3, maxLength: 40 }),
    reference('job'),
  ),
  path: fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS), fc.string({ minLength: 1, maxLength: 40 })),
  parameters: fc.oneof(
    { weight: 6, arbitrary: anyObject },
    { weight: 1, arbitrary: anyJson },
    { weight: 1, arbitrary: fc.record({ count: fc.integer() }) },
  ),
  patch: fc.oneof(
    { weight: 6, arbitrary: anyObject },
    { weight: 1, arbitrary: anyJson },
    { weight: 2, arbitrary: fc.constantFrom<Json[]>({ key: '[masked]' }, { key: null }, { order: { id: 3 } }) },
  ),
  cron: fc.constantFrom('@daily', '0 9 * * 1-5', '*/5 * * * * *', '30 2 29 2 *', '0 0 31 2 *', '* * *'),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'No/Where'),
  query: fc.oneof({ weight: 6, arbitrary: anyObject }, { weight: 1, arbitrary: anyJson }),
  idempotencyKey: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
  parameterSchema: fc.oneof(
    fc.constant<Json>({ type: 'object' }),
    fc.constantFrom<Json[]>(
      { type: 'object', properties: { a: { type: 'string', 'x-sensitive': true } } },
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/a' } },
        $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } },
      },
      { type: 'object', properties: { a: { pattern: '(' } } },
      { type: 'object', allOf: [{ $ref: 'https://evil.example/schema' }] },
      true,
    ),
    anyJson,
  ),
}

/** @param field the name of the field that holds the value, or that holds the list with the value */
function arbitraryOf(schema: Schema, field: string): Arbitrary<Json> {
  const byField = schema.type !== 'array' && Object.hasOwn(BY_FIELD, field) ? BY_FIELD[field] : undefined
  if (byField) return fc.oneof({ weight: 14, arbitrary: byField }, { weight: 1, arbitrary: bySchema(schema, field) })
  return bySchema(schema, field)
}

function bySchema(schema: Schema, field: string): Arbitrary<Json> {
  if ('const' in schema) return fc.constant(schema.const as Json)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as Json[]))
  const forms = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (forms) return fc.oneof(...forms.map((form) => bySchema(form, field)))
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      // The items of `jobIds` are made like a `jobId`.
      return fc.array(arbitraryOf((schema.items ?? {}) as Schema, field.replace(/s$/, '')), {
        minLength: number(schema.minItems, 0),
        maxLength: Math.min(number(schema.maxItems, 4), number(schema.minItems, 0) + 3),
      })
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number': {
      const [min, max] = [number(schema.minimum, -1_000), number(schema.maximum, 1_000_000)]
      return fc.oneof(
        fc.integer({ min: Math.ceil(Math.max(min, -(2 ** 31))), max: Math.floor(Math.min(max, 2 ** 31 - 1)) }),
        fc.constantFrom(min, max),
      )
    }
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return anyJson
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): Arbitrary<Json> {
  const fields = Object.entries(properties as { [name: string]: Schema })
  // Each optional field is rarely present. If many of them were present together, one of them would nearly always make
  // the call fail before the others are checked.
  const members = fields.map(([name, schema]): [string, Arbitrary<Json | undefined>] => {
    const member = arbitraryOf(schema, name)
    return [
      name,
      (required as string[]).includes(name)
        ? member
        : fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: member }),
    ]
  })
  // Writing it as JSON leaves out the members that are undefined.
  const known = fc
    .record(Object.fromEntries(members))
    .map((object) => JSON.parse(JSON.stringify(object)) as { [name: string]: Json })
  if (typeof additionalProperties !== 'object' || additionalProperties === null) return known
  const others = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 10 }),
    arbitraryOf(additionalProperties as Schema, ''),
    { maxKeys: 3 },
  )
  return fc.tuple(known, others).map(([own, more]) => ({ ...more, ...own }))
}

function textOf({ format, pattern, minLength, maxLength }: Schema): Arbitrary<Json> {
  if (format === 'uuid') return reference('id')
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (format === 'email') return fc.emailAddress()
  if (typeof pattern === 'string') {
    try {
      return fc.stringMatching(new RegExp(pattern))
    } catch {
      // fast-check cannot make texts for this pattern. Any text is used, and it is nearly always refused.
    }
  }
  const least = number(minLength, 0)
  return fc.string({
    unit: 'grapheme',
    minLength: least,
    maxLength: Math.max(least, Math.min(number(maxLength, 60), 60)),
  })
}

const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise)
