// Inputs that take long to read or to check: bodies of up to 16 MiB, and schemas with values of up to 256 KiB, a few of
// each kind.

interface HardBody {
  what: string
  who: 'VIEWER' | 'OPERATOR'
  procedure: string
  body: (organizationId: string) => string
}

const MIB = 1024 * 1024
const many = (what: string, jobs: () => string, who: HardBody['who'] = 'OPERATOR'): HardBody => ({
  what,
  who,
  procedure: 'jobs.submitMany',
  body: (organizationId) => `{"organizationId":"${organizationId}","jobs":${jobs()}}`,
})
const repeat = (text: string, times: number): string => `[${Array<string>(times).fill(text).join(',')}]`
const job = (more: string): string => `{"jobType":"sample.noop","dedupe":false${more}}`
/** A list of as many jobs as fit into 15.5 MiB, each with these parameters. They are made nearly 256 KiB long. */
const full = (parameters: string): string =>
  repeat(job(`,"parameters":${parameters}`), Math.floor((15.5 * MIB) / parameters.length))
const names = (count: number, value = '0'): string =>
  `{${Array.from({ length: count }, (_, n) => `"k${n}":${value}`).join(',')}}`

const unknownKeys = () => repeat(job(`,${names(1_200).slice(1, -1)}`), 1_000)

export const HARD_BODIES: HardBody[] = [
  many('a VIEWER, 1,000 jobs × 1,200 unknown keys', unknownKeys, 'VIEWER'),
  many('1,000 jobs × 1,200 unknown keys', unknownKeys),
  many('dependsOn: [0 × 1,000] × 1,000', () => repeat(job(`,"dependsOn":${repeat('0', 1_000)}`), 1_000)),
  many('dependsOn: [an id × 1,000] × 100', () =>
    repeat(job(`,"dependsOn":${repeat('"01900000-0000-7000-8000-00000000be4c"', 1_000)}`), 100),
  ),
  many('{} in 15 MiB', () => repeat('{}', 5 * MIB)),
  many('8 million zeros', () => full(repeat('0', 130_000))),
  many('960,000 zeros', () => repeat(job(`,"parameters":${repeat('0', 120_000)}`), 8)),
  many('900,000 empty lists', () => repeat(job(`,"parameters":${repeat('[]', 60_000)}`), 15)),
  many('480,000 names', () => repeat(job(`,"parameters":${names(30_000)}`), 16)),
  many('one object of a million names', () => `[${job(`,"parameters":${names(1_000_000)}`)}]`),
  many('an unknown field of 10 MiB', () => `[${job(`,"x":${names(900_000)}`)}]`),
  many('parameters as 15 MiB of text', () => `[${job(`,"parameters":"${'x'.repeat(15 * MIB)}"`)}]`),
  many('65 jobs of 250 KB of text', () => full(`"${'x'.repeat(250_000)}"`)),
  many('escapes', () => full(`"${'\\u00e9'.repeat(42_000)}"`)),
  many('blanks', () => `[${job('')}${' '.repeat(15 * MIB)}]`),
  many('numbers of 250,000 digits', () => full(`1.${'1'.repeat(250_000)}`)),
  many('nested 100 deep', () => full(repeat('['.repeat(99) + ']'.repeat(99), 1_200))),
  many('nested a million deep', () => '['.repeat(MIB)),
  many('a name of 15 MiB', () => `[${job(`,"${'x'.repeat(15 * MIB)}":0`)}]`),
  many('numbers that cannot be kept', () => full(repeat('9007199254740993', 15_000))),
  {
    what: 'jobs.submit, 500,000 zeros as dependsOn',
    who: 'OPERATOR',
    procedure: 'jobs.submit',
    body: (id) => `{"organizationId":"${id}","jobType":"sample.noop","dependsOn":${repeat('0', 500_000)}}`,
  },
  {
    what: 'jobs.submit, 1 MiB of empty objects',
    who: 'OPERATOR',
    procedure: 'jobs.submit',
    body: (id) => `{"organizationId":"${id}","jobType":"sample.noop","parameters":${repeat('{}', 340_000)}}`,
  },
  {
    what: 'jobs.submit, 1 MiB of names',
    who: 'OPERATOR',
    procedure: 'jobs.submit',
    body: (id) => `{"organizationId":"${id}","jobType":"sample.noop","parameters":${names(90_000)}}`,
  },
  {
    what: 'jobs.submit, 256 KiB of empty lists',
    who: 'OPERATOR',
    procedure: 'jobs.submit',
    body: (id) =>
      `{"organizationId":"${id}","jobType":"sample.noop","dedupe":false,"parameters":${repeat('[]', 87_000)}}`,
  },
  {
    what: 'jobs.cancelMany, 10,000 ids that are none',
    who: 'OPERATOR',
    procedure: 'jobs.cancelMany',
    body: (id) => `{"organizationId":"${id}","jobIds":${repeat('"x"', 10_000)}}`,
  },
  {
    what: 'jobs.cancelMany, 90,000 unknown keys',
    who: 'OPERATOR',
    procedure: 'jobs.cancelMany',
    body: (id) => `{"organizationId":"${id}",${names(90_000).slice(1)}`,
  },
]

interface HardSchema {
  what: string
  schema: object
  /** Without it, the schema is tried with each of the large values. */
  value?: () => unknown
}

const LENGTH = 250_000
/** Large values that were made for no schema in particular. */
export const HARD_VALUES: [what: string, value: () => unknown][] = [
  ['40,000 numbers', () => Array.from({ length: 40_000 }, (_, n) => n)],
  ['12,000 objects', () => Array.from({ length: 12_000 }, (_, n) => ({ a: n, b: [] }))],
  ['20,000 names', () => Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`name${n}`, n]))],
  ['250,000 letters', () => 'a'.repeat(LENGTH) + '!'],
]
const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => ({ next: inner }), 1)
// hard-input.ts puts each schema at properties.value of a job type, so references begin there.
const branch = { type: 'object', properties: { next: { $ref: '#/properties/value/$defs/node' } }, required: ['next'] }

export const HARD_SCHEMAS: HardSchema[] = [
  { what: 'pattern ^(a|aa)+$', schema: { type: 'string', pattern: '^(a|aa)+$' }, value: () => 'a'.repeat(30) + 'b' },
  { what: 'pattern ^(a+)+$', schema: { type: 'string', pattern: '^(a+)+$' }, value: () => 'a'.repeat(26) + '!' },
  {
    what: 'pattern ^(\\w+\\s?)*$',
    schema: { type: 'string', pattern: '^(\\w+\\s?)*$' },
    value: () => 'word '.repeat(5) + '!',
  },
  {
    what: 'pattern of 900 instructions',
    schema: { type: 'string', pattern: '(?:a|b)*a(?:a|b){900}$' },
    // 4,960 letters a and b, in an order that repeats after 13 of them.
    value: () => Array.from({ length: 4_960 }, (_, n) => 'ab'[((n * 7_919) % 13) & 1]).join('') + 'c',
  },
  {
    what: 'pattern of 3,400 instructions',
    schema: { type: 'string', pattern: '^(?:(a?)(a?)(a?)(a?)){0,200}$' },
    value: () => 'a'.repeat(4_950) + '!',
  },
  { what: 'format uri', schema: { type: 'string', format: 'uri' }, value: () => 'http://' + ':'.repeat(24_000) },
  { what: 'format email', schema: { type: 'string', format: 'email' }, value: () => 'a@'.repeat(60_000) },
  { what: 'format date-time', schema: { type: 'string', format: 'date-time' }, value: () => '1'.repeat(LENGTH) },
  {
    what: 'anyOf string or list of strings',
    schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    value: () => Array(12_000).fill(1),
  },
  {
    what: 'recursive anyOf of five branches',
    schema: { $defs: { node: { anyOf: Array(5).fill(branch) } }, $ref: '#/properties/value/$defs/node' },
    value: () => nested(60),
  },
  { what: 'contains with minContains', schema: { type: 'array', contains: { type: 'string' }, minContains: 2 } },
  {
    what: 'items of an enum of 5,000',
    schema: { type: 'array', items: { enum: Array.from({ length: 5_000 }, (_, n) => `value ${n}`) } },
  },
  { what: 'uniqueItems', schema: { type: 'array', uniqueItems: true } },
  {
    what: 'unevaluatedProperties',
    schema: {
      allOf: Array.from({ length: 50 }, (_, n) => ({ properties: { [`name${n}`]: true } })),
      unevaluatedProperties: false,
    },
  },
  {
    what: 'unevaluatedItems',
    schema: {
      allOf: [{ prefixItems: [true] }, { contains: { type: 'object' } }],
      unevaluatedItems: { type: 'string' },
    },
  },
  {
    what: 'dependentSchemas',
    schema: {
      dependentSchemas: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`name${n}`, { maxProperties: 3 }])),
    },
  },
  { what: 'propertyNames', schema: { propertyNames: { pattern: '^(n|na|nam|name)+$' } } },
  {
    what: 'patternProperties',
    schema: { patternProperties: { '^(n|na|nam)*x$': { type: 'string' }, '\\d+$': { type: 'string' } } },
  },
  { what: 'additionalProperties: false', schema: { additionalProperties: false } },
  {
    what: 'not, if, then, else',
    schema: {
      items: { if: { not: { type: 'string' } }, then: { oneOf: [{ minimum: 0 }, { maximum: 5 }] }, else: false },
    },
  },
  { what: 'required of 2,000 names', schema: { required: Array.from({ length: 2_000 }, (_, n) => `missing${n}`) } },
]
