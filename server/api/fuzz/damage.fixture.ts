import fc, { type Arbitrary } from 'fast-check'
import type { Json } from '@/server/engine/domain/types'

// What may be wrong with an input: a value in it, or its JSON text. (What may be wrong with how it is sent is in
// calls.fixture.ts.)

/** A value that JSON.stringify cannot write. In the final text it stands without quotes. */
const raw = (json: string) => `@@raw:${json}@@`
const nested = (depth: number, open = '[', inner = '', close = ']') =>
  raw(open.repeat(depth) + inner + close.repeat(depth))

const SPOILT: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  Number.MIN_VALUE,
  '',
  ' ',
  'null',
  '0',
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { length: 1e9 },
  raw('1e999'),
  raw('-1e999'),
  raw('123456789012345678901234567890'),
  raw(`0.${'1'.repeat(5_000)}`),
  raw('"\\u0000"'),
  raw('"a\\u0000b"'),
  raw('"\\ud800"'),
  raw('"\\udc00\\ud83d"'),
  // 100 levels are allowed.
  nested(101),
  nested(5_000),
  nested(101, '{"a":', '1', '}'),
  'x'.repeat(10_000),
  'x'.repeat(300_000),
  '😀'.repeat(5_000),
  '\u202E\u2028\u0001\u001b[31m',
  Array.from({ length: 2_000 }, () => 'x'),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`k${n}`, n])),
  "'; DROP TABLE jobs; --",
  "1' OR '1'='1",
  '") OR 1=1 --',
  "\\'; SELECT pg_sleep(9); --",
  '%_%',
  '{"$gt":""}',
  '${7*7}',
  '{{7*7}}',
  '<%= 7*7 %>',
  '#{7*7}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '..\\..\\x',
  'file:///etc/passwd',
  'http://169.254.169.254/',
  '%00',
  '%E0%A4%A',
  '=1+1',
  '\r\nset-cookie: a=b',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00+99:99',
  '+275760-09-13T00:00:00.001Z',
  'NaN',
  'Infinity',
  '1e5',
  '0x10',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF',
  '{00000000-0000-0000-0000-000000000000}',
]
const STRANGE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'a.b',
  'a[0]',
  '$where',
  'unknown',
  '\u2028',
  raw('"\\u0000"'),
  'x'.repeat(5_000),
  'then',
  'toJSON',
]

export type Damage = (input: Json | undefined) => Json | undefined

/** One change to the input as a value. `at`, from 0 to 1, picks the place among all places of the input. */
export const damages: Arbitrary<Damage> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(place(), fc.constantFrom(...SPOILT)).map(
      ([at, value]): Damage =>
        (input) =>
          changed(input, at, () => value),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place(), fc.constantFrom(...STRANGE_NAMES), fc.constantFrom(...SPOILT)).map(
      ([at, name, value]): Damage =>
        (input) =>
          changed(input, at, (inner) => withMember(inner, name, value)),
    ),
  },
  {
    weight: 1,
    arbitrary: place().map(
      (at): Damage =>
        (input) =>
          changed(input, at, () => undefined),
    ),
  },
  {
    weight: 1,
    arbitrary: place().map(
      (at): Damage =>
        (input) =>
          changed(input, at, (inner) => (inner === undefined ? null : [inner])),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place(), fc.constantFrom('\0', '\ud800', "'", '\\', '"', ' ', '%', '\n', 'É')).map(
      ([at, text]): Damage =>
        (input) =>
          changed(input, at, (inner) => (typeof inner === 'string' ? inner + text : text)),
    ),
  },
)

/** Changes to the JSON text. */
export const textDamages: Arbitrary<(text: string) => string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.nat({ max: 200 }).map((at) => (text: string) => text.slice(0, at)),
  fc.constantFrom<((text: string) => string | Uint8Array<ArrayBuffer>)[]>(
    () => '',
    () => '{',
    () => 'null',
    () => 'undefined',
    () => '['.repeat(100_000),
    () => '{"a":'.repeat(100_000),
    (text) => `${text},`,
    (text) => `${text}${text}`,
    (text) => `\ufeff${text}`,
    (text) => `/* */${text}`,
    (text) => text.replaceAll('"', "'"),
    (text) => text.replace('{', '{"organizationId":"x","__proto__":{"systemAdmin":true},'),
    (text) => text.replace(/}$/, ',"organizationId":1,"organizationId":2}'),
    (text) => text.replace(/[0-9]+/, '1e999'),
    // More than the 1 MiB that most calls may have.
    (text) => `${' '.repeat(1_100_000)}${text}`,
    (text) => new Uint8Array([...Buffer.from(text), 0xff, 0xfe]),
    (text) => new Uint8Array(Buffer.from(text, 'utf16le')),
    // The beginning of a gzip file.
    () => new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
  ),
)

function place(): Arbitrary<number> {
  return fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
}

/** A copy in which one value is replaced, which may be the root. Undefined removes the value. */
function changed(
  input: Json | undefined,
  at: number,
  change: (value: Json | undefined) => Json | undefined,
): Json | undefined {
  const paths: (string | number)[][] = [[]]
  const walk = (value: Json | undefined, path: (string | number)[]) => {
    if (typeof value !== 'object' || value === null || path.length > 8) return
    for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
      paths.push([...path, key])
      walk((value as { [key: string]: Json })[key], [...path, key])
    }
  }
  walk(input, [])
  const path = paths[Math.floor(at * paths.length)] ?? []
  return replaced(input, path, change)
}

function replaced(
  value: Json | undefined,
  [key, ...rest]: (string | number)[],
  change: (value: Json | undefined) => Json | undefined,
): Json | undefined {
  if (key === undefined) return change(value)
  if (Array.isArray(value))
    return value.flatMap((item, index) => (index === key ? (replaced(item, rest, change) ?? []) : [item])) as Json[]
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const next = name === key ? replaced(inner, rest, change) : inner
      return next === undefined ? [] : [[name, next]]
    }),
  )
}

function withMember(value: Json | undefined, name: string, member: Json): Json | undefined {
  if (Array.isArray(value)) return [...value, member]
  // An assignment would not work, because `__proto__` must be a name like any other.
  return typeof value === 'object' && value !== null
    ? Object.fromEntries([...Object.entries(value), [name, member]])
    : { [name]: member }
}

/** The text that is sent. It is JSON, in which the values that JSON cannot write stand in their places. */
export function writeJson(input: Json | undefined): string {
  return (JSON.stringify(input) ?? '').replace(
    /"@@raw:((?:[^"\\]|\\.)*)@@"/g,
    (_, text: string) => JSON.parse(`"${text}"`) as string,
  )
}
