import { Validator, type Schema } from '@cfworker/json-schema'
import Ajv from 'ajv/dist/2020'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkParameterSchema } from '../parameter-schema'
import { CheckTooLong, checkParameters, Meter, NO_LIMIT, smallMeter } from '../parameters'
import type { Json } from '../types'
import { compilePattern } from './patterns'

const many = (count: number, item: (index: number) => Json) => Array.from({ length: count }, (_, index) => item(index))
const field = (schema: Json, more: Record<string, Json> = {}): Json => ({
  type: 'object',
  properties: { a: schema },
  ...more,
})
const deep = (levels: number, inner: Json, wrap: (value: Json) => Json): Json =>
  levels === 0 ? inner : wrap(deep(levels - 1, inner, wrap))

/** Each of these once kept a process busy for seconds, or for ever. */
const HARD: [what: string, schema: Json, value: Json][] = [
  ['a pattern of nested repetition', field({ pattern: '^(a+)+$' }), `${'a'.repeat(27)}!`],
  ['a pattern of overlapping alternatives', field({ pattern: '^(a|aa)+$' }), `${'a'.repeat(48)}b`],
  ['a pattern of optional space after words', field({ pattern: '^(\\w+\\s?)*$' }), `${'word '.repeat(5_000)}!`],
  ['a long text against a pattern', field({ pattern: '(x+x+)+y' }), 'x'.repeat(250_000)],
  [
    'names against a pattern of nested repetition',
    field({ patternProperties: { '^(a+)+$': true }, additionalProperties: false }),
    { [`${'a'.repeat(5_000)}!`]: 1 },
  ],
  ['an address of nothing but colons', field({ format: 'uri' }), `http://${':'.repeat(24_000)}`],
  ['an email address of letters beyond ASCII', field({ format: 'idn-email' }), 'ü'.repeat(300)],
  ['a host name of letters beyond ASCII', field({ format: 'idn-hostname' }), 'ü.'.repeat(120)],
  [
    'a list of numbers where strings or lists of them belong',
    field({ items: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] } }),
    many(12_000, (i) => i),
  ],
  [
    'a recursive union of five branches',
    field(
      { $ref: '#/$defs/n' },
      {
        $defs: {
          n: {
            anyOf: many(5, (i) => ({
              type: 'object',
              required: [`k${i}`],
              properties: { next: { $ref: '#/$defs/n' } },
            })),
          },
        },
      },
    ),
    deep(60, {}, (next) => ({ next })),
  ],
  [
    'a recursive choice of exactly one',
    field(
      { $ref: '#/$defs/n' },
      {
        $defs: {
          n: {
            oneOf: [
              { type: 'null' },
              { properties: { l: { $ref: '#/$defs/n' } } },
              { properties: { l: { $ref: '#/$defs/n' } } },
            ],
          },
        },
      },
    ),
    deep(90, null, (l) => ({ l })),
  ],
  [
    'a recursive negation',
    field(
      { $ref: '#/$defs/n' },
      { $defs: { n: { not: { properties: { l: { $ref: '#/$defs/n' }, m: { $ref: '#/$defs/n' } } } } } },
    ),
    deep(90, 1, (l) => ({ l, m: 1 })),
  ],
  [
    'recursive conditions',
    field(
      { $ref: '#/$defs/n' },
      {
        $defs: {
          n: { if: { properties: { l: { $ref: '#/$defs/n' } } }, then: { properties: { l: { $ref: '#/$defs/n' } } } },
        },
      },
    ),
    deep(90, 1, (l) => ({ l })),
  ],
  [
    'items that must be contained twice and are not',
    field({ contains: { type: 'string', minLength: 5 }, minContains: 2 }),
    many(20_000, (i) => i),
  ],
  [
    'items of an enum of 5,000 values',
    field({ items: { enum: many(5_000, (i) => `v${i}`) } }),
    many(20_000, (i) => `w${i}`),
  ],
  [
    'items of an enum of objects',
    field({ items: { enum: many(500, (i) => ({ i })) } }),
    many(20_000, (i) => ({ i: -i - 1 })),
  ],
  ['many unique objects', field({ uniqueItems: true }), many(20_000, (i) => ({ i }))],
  [
    'unique items inside of alternatives',
    field({ anyOf: [{ uniqueItems: true }, { maxItems: 1 }] }),
    many(60_000, (i) => i),
  ],
  [
    'many unknown fields',
    field({ additionalProperties: false, properties: {} }),
    Object.fromEntries(many(20_000, (i) => i).map((i) => [`k${String(i)}`, 1])),
  ],
  [
    'many names that do not fit',
    field({ propertyNames: { maxLength: 2 } }),
    Object.fromEntries(many(20_000, (i) => i).map((i) => [`key${String(i)}`, 1])),
  ],
  ['a number of 308 digits as a multiple of a small one', field({ multipleOf: 1e-300 }), 1.5e308],
]

it.each(HARD)('a check of %s ends after a bounded number of steps', (_, schema, value) => {
  expect(checkParameterSchema(schema)).toEqual([])
  // These steps take 0.8 s at worst (meter.ts).
  const problems = checkParameters(schema, { a: value }, new Meter({ ...NO_LIMIT, steps: 2_000_000 }, false))
  expect(problems.length).toBeLessThanOrEqual(20)
})

/** Those of them that need more than the thread that answers everybody may do for one job. */
const MUCH_WORK = [
  'a pattern of optional space after words',
  'a long text against a pattern',
  'names against a pattern of nested repetition',
  'items that must be contained twice and are not',
  'many unique objects',
  'unique items inside of alternatives',
]

it('the thread that answers everybody gives up exactly the checks that need much work', () => {
  const givenUp = HARD.filter(([, schema, value]) => {
    try {
      checkParameters(schema, { a: value }, smallMeter())
      return false
    } catch (error) {
      expect(error).toBeInstanceOf(CheckTooLong)
      return true
    }
  })
  expect(givenUp.map(([what]) => what)).toEqual(MUCH_WORK)
})

it('a check ends when its time is over, whatever it is doing', () => {
  let looks = 0
  const meter = new Meter(NO_LIMIT, false, () => ++looks > 3)
  expect(() =>
    checkParameters(field({ items: { type: 'string', enum: ['x'] } }), { a: many(100_000, () => 'x') }, meter),
  ).toThrow(CheckTooLong)
})

it('a pattern that only backtracking can answer runs nowhere but where its thread can be ended', () => {
  const schema = field({ pattern: '^(?!-)[a-z-]+$' })
  expect(checkParameterSchema(schema)).toEqual([])
  expect(() => checkParameters(schema, { a: 'x' }, smallMeter())).toThrow(CheckTooLong)
  expect(checkParameters(schema, { a: 'x' }, new Meter({ ...NO_LIMIT, steps: 1_000 }, true))).toEqual([])
  expect(checkParameters(schema, { a: '-x' }, new Meter({ ...NO_LIMIT, steps: 1_000 }, true))).toHaveLength(1)
})

it('values whose format takes long to check go to a thread, and ordinary ones do not', () => {
  const list = (format: string, values: Json[]) => [field({ items: { format } }), { a: values }] as const
  for (const [schema, value] of [
    // 1,600 classes of 700 ranges each took 160 to 500 ms.
    list('regex', ['\\p{L}'.repeat(1_600)]),
    // Each took 0.3 ms.
    list(
      'hostname',
      many(60, () => `xn--${'1D'.repeat(28)}`),
    ),
    list(
      'idn-hostname',
      many(20, () => 'א.'.repeat(126)),
    ),
    list(
      'idn-email',
      many(20, () => `a@${'क'.repeat(250)}`),
    ),
  ])
    expect(() => checkParameters(schema, value, smallMeter())).toThrow(CheckTooLong)
  for (const [schema, value] of [
    list('regex', ['^[a-z]{2,5}-\\d+$', '^\\p{L}+$']),
    list(
      'hostname',
      many(100, (i) => `server-${i}.example.com`),
    ),
    list('idn-hostname', ['münchen.example', '日本語.jp']),
  ])
    expect(checkParameters(schema, value, smallMeter())).toEqual([])
})

it('patterns mean what ECMA-262 says of them, in linear time', () => {
  const samples = [
    '',
    'a',
    'A',
    'é',
    'ß',
    '1',
    '٣',
    ' ',
    '\u00a0',
    '\ufeff',
    '\n',
    '\u2028',
    '_',
    '-',
    '😀',
    'Ω',
    'ab',
    'a\nb',
    'x😀y',
    '\\',
    '/',
    '[',
    ']',
    '^',
    '$',
    '.',
    '\u0085',
    '\x0b',
  ]
  const patterns = [
    '^\\s$',
    '^\\S$',
    '^[\\s]$',
    '^[^\\s]$',
    '^.$',
    '^a.b$',
    '^x.y$',
    '^\\w$',
    '^\\W$',
    '^\\d$',
    '^\\D$',
    '^\\p{L}$',
    '^\\p{Letter}$',
    '^\\p{Lu}$',
    '^\\P{L}$',
    '^\\p{Script=Greek}$',
    '^[\\p{N}-]$',
    '^\\u{1F600}$',
    '^\\uD83D\\uDE00$',
    '^[\\u00e0-\\u00ff]$',
    '^\\x41$',
    '^[^]$',
    'a$',
    '^b',
    '^[\\]\\[]$',
    '^\\/$',
    '^\\.$',
    '^\\$$',
    '^\\cJ$',
    '^(?<n>a)$',
    '^[-a]$',
    '^\\bab\\b$',
    '^a{1,3}$',
    '^(?:)$',
  ]
  for (const source of patterns) {
    const pattern = compilePattern(source, new Meter(NO_LIMIT, false))
    expect(pattern.linear, source).toBe(true)
    for (const sample of samples)
      expect(pattern.test(sample), `${source} on ${JSON.stringify(sample)}`).toBe(new RegExp(source, 'u').test(sample))
  }
})

it('a schema whose references lead to something that is no schema, or to two anchors of one name, is refused when it is made, and so is one with an unknown format', () => {
  const refused = (schema: Json) => checkParameterSchema(schema).map(({ path }) => path)
  expect(refused(field({ $ref: '#/examples/0' }, { examples: [{ type: 'string' }] }))).toEqual([
    'parameterSchema.properties.a.$ref',
  ])
  expect(refused(field({ $ref: '#/default' }, { default: {} }))).toEqual(['parameterSchema.properties.a.$ref'])
  expect(refused(field({ $ref: '#/properties/b/enum/0' }, { $defs: { b: { enum: [{}] } } }))).toHaveLength(1)
  expect(refused({ type: 'object', $defs: { b: { $anchor: 'x' }, c: { $anchor: 'x', type: 'string' } } })).toHaveLength(
    2,
  )
  expect(refused(field({ format: 'emial' }))).toEqual(['parameterSchema.properties.a.format'])
  expect(checkParameterSchema(field({ format: 'emial' }))[0]!.message).toContain('perhaps "email" was meant')
})

it('nine hundred anchors and as many references are looked up once each', () => {
  const names = many(900, (i) => `a${i}`) as string[]
  const schema: Json = {
    type: 'object',
    $defs: Object.fromEntries(names.map((name) => [name, { $anchor: name, type: 'string' }])),
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#${name}` }])),
  }
  expect(checkParameterSchema(schema)).toEqual([])
  expect(checkParameters(schema, { a1: 'x', a899: 1 }, smallMeter())).toHaveLength(1)
})

const record = (model: Record<string, fc.Arbitrary<Json>>, requiredKeys: string[] = []) =>
  fc.record(model, { requiredKeys }) as fc.Arbitrary<Json>
const list = (item: fc.Arbitrary<Json>, minLength: number, maxLength: number) =>
  fc.array(item, { minLength, maxLength }) as fc.Arbitrary<Json>

/** Small schemas over few names and values, so that they and values meet. */
const { schema: anySchema } = fc.letrec<{ schema: Json; leaf: Json }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<Json>(
      true,
      {},
      { type: 'string' },
      { type: 'integer' },
      { type: ['null', 'boolean'] },
      { const: 1 },
      { enum: ['x', 2, null, { b: 1 }] },
      { minimum: 1 },
      { multipleOf: 0.5 },
      { minLength: 2 },
      { maxLength: 1 },
      { pattern: '^x' },
      { required: ['b'] },
      { minItems: 2 },
      { uniqueItems: true },
      { maxProperties: 1 },
      { exclusiveMaximum: 2 },
      { dependentRequired: { a: ['b'] } },
    ),
  ),
  schema: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    record({ properties: record({ a: tie('schema'), b: tie('schema') }), additionalProperties: tie('schema') }, [
      'properties',
    ]),
    record(
      { items: tie('schema'), prefixItems: list(tie('schema'), 1, 2), contains: tie('schema'), minContains: fc.nat(2) },
      ['items'],
    ),
    record({
      anyOf: list(tie('schema'), 1, 3),
      allOf: list(tie('schema'), 1, 2),
      oneOf: list(tie('schema'), 1, 3),
      not: tie('schema'),
    }),
    record({ if: tie('schema'), then: tie('schema'), else: tie('schema') }, ['if']),
    record({ allOf: list(tie('schema'), 1, 2), unevaluatedProperties: tie('leaf'), unevaluatedItems: tie('leaf') }, [
      'allOf',
    ]),
    record({
      patternProperties: record({ '^a': tie('schema') }),
      propertyNames: tie('leaf'),
      dependentSchemas: record({ b: tie('schema') }),
    }),
  ),
}))
const anyValue = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>('x', 'xy', '', 1, 2, 1.5, 0, null, true, []),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'c'), tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
    fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json>,
  ),
})).value

function unlessBroken<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

it('schemas of any form are answered as Ajv and cfworker answer them, where these two agree', () => {
  let agreed = 0
  const ajv = new Ajv({ strict: false, logger: false, validateSchema: false })
  fc.assert(
    fc.property(anySchema, fc.array(anyValue, { minLength: 5, maxLength: 10 }), (schema, drawn) => {
      // As parsed: Ajv holds objects without a prototype for unequal.
      const values = JSON.parse(JSON.stringify(drawn)) as Json[]
      const whole = field(schema)
      const theirs = ajv.compile(whole as object)
      const others = new Validator(structuredClone(whole) as Schema, '2020-12')
      for (const value of values) {
        const answer = unlessBroken(() => theirs({ a: value }))
        // Each of them has its faults (Ajv's code for unevaluated fields may not even run); none is known that both
        // have.
        if (answer === undefined || others.validate({ a: value }).valid !== answer) continue
        const ours =
          checkParameters(whole, { a: value }, new Meter({ ...NO_LIMIT, steps: 1_000_000 }, true)).length === 0
        expect(ours, JSON.stringify({ schema, value })).toBe(answer)
        agreed++
      }
      ajv.removeSchema()
    }),
    { numRuns: 400 },
  )
  expect(agreed).toBeGreaterThan(1_500)
})
