import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, it } from 'vitest'
import { checkParameterSchema } from '../parameter-schema'
import type { Json } from '../types'
import { CheckTooLong, Meter, NO_LIMIT } from './meter'
import { sizeOfPattern } from './pattern-size'
import { WeighedCache } from './pattern-cache'
import { compilePattern, knownPatterns, MOST_PATTERN_BYTES } from './patterns'

const within = (compiling: number) => new Meter({ ...NO_LIMIT, compiling }, false)

it.each([
  '(?:a|b)*a(?:a|b){900}$',
  '^(?:(a?)(a?)(a?)(a?)){0,200}$',
  '^(?:(?:a{10}){10}){10}$',
  '^[a-z]{0,3}(?:x|yz){2,}\\d+\\p{L}{5,9}$',
  '^\\S{1,255}$|^\\uD83D\\uDE00{7}',
  '(((((((a)))))))',
  '(((($)*a)*)*){3}',
  '^(?<name>[\\w.-]+)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+$',
])('the program of %s is no larger than was estimated from its text', (source) => {
  const size = RE2JS.compile(RE2JS.translateRegExp(source)).programSize()
  expect(sizeOfPattern(source).parts).toBeGreaterThanOrEqual(size)
  expect(sizeOfPattern(source).parts).toBeLessThan(8 * size + 2_000)
})

const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom('a', '.', '\\d', '\\w', '\\s', '[ab]', '[^x-z]', '^', '$', '\\b', '\\p{L}', 'xyz'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '{3}', '{0,4}', '{2,5}', '{2,}', '{0}'))
      .map(([inner, count]) => `(${inner})${count}`),
  ),
}))

it('no pattern compiles to a larger program than was estimated from its text', () => {
  fc.assert(
    fc.property(pattern, (source) => {
      const { parts, repeats } = sizeOfPattern(source)
      fc.pre(repeats <= 1_000)
      expect(RE2JS.compile(RE2JS.translateRegExp(source)).programSize()).toBeLessThanOrEqual(parts)
    }),
    { numRuns: 3_000 },
  )
})

it('a pattern that is too large for what is left of a meter is not compiled there, and once it is known it costs nothing', () => {
  const source = '^[a-z]{200}-once-only$'
  expect(() => compilePattern(source, within(100))).toThrow(CheckTooLong)
  const compiled = compilePattern(source, within(2_000))
  expect(compilePattern(source, within(0))).toBe(compiled)
})

it('the work of a pattern on a text grows with its program, but not where only one instruction can be the next', () => {
  const steps = (source: string) => compilePattern(source, within(Infinity)).steps(1_000)
  expect(steps('(?:a|b)*a(?:a|b){900}$')).toBeGreaterThan(200_000)
  expect(steps('^[0-9a-f]{64}$')).toBeLessThan(200)
  expect(steps('invoice')).toBeLessThan(200)
})

const refused = (schema: Json) => checkParameterSchema({ type: 'object', ...(schema as object) })

it('a pattern that is too large once it is written out is refused with its place and the way out', () => {
  const classes = `^(?:${'[^\\p{L}]|'.repeat(95)}N){0,30}$`
  expect(refused({ properties: { a: { items: { pattern: classes } } } })).toEqual([
    {
      path: 'parameterSchema.properties.a.items.pattern',
      message: expect.stringMatching(/is too large once .* at most 12,000\): repeat less, .* maxLength$/) as string,
    },
  ])
  expect(refused({ patternProperties: { [classes]: true } })).toHaveLength(1)
  expect(refused({ properties: { a: { pattern: '([\\p{L}\\p{N}\\p{M}]{9})'.repeat(40) } } })).toHaveLength(1)
})

it('patterns that are too large together are refused, and the same one in many places counts once', () => {
  const properties = (source: (n: number) => string) =>
    Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, { pattern: source(n) }]))
  expect(refused({ properties: properties((n) => `^[a-z]{${900 + n}}$`) })).toEqual([
    { path: 'parameterSchema', message: expect.stringContaining('patterns that are too large together') as string },
  ])
  expect(refused({ properties: properties(() => '^[a-z]{900}$') })).toEqual([])
})

it.each([
  "^[\\p{L}\\p{M}\\p{N} .'-]{1,50}$",
  '^.{1,1000}$',
  '^[\\s\\S]{1,4096}$',
  "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  '^https://[A-Za-z0-9]((.|-+)?[A-Za-z0-9]){0,252}/[a-z0-9](-?[a-z0-9]){2,62}$',
])('the pattern %s, as schemas in use have it, is taken', (source) => {
  expect(refused({ properties: { a: { pattern: source } } })).toEqual([])
})

it.each([
  ['properties', { properties: JSON.parse('{"__proto__":{"type":"string"}}') as Json }, '.properties.__proto__'],
  ['a default', { default: JSON.parse('{"a":[{"__proto__":1}]}') as Json }, '.default.a[0].__proto__'],
  ['$defs', { $defs: JSON.parse('{"__proto__":true}') as Json }, '.$defs.__proto__'],
])('a schema with the name __proto__ in %s is refused, because it could not be kept', (_, schema, path) => {
  expect(refused(schema)).toEqual([
    { path: `parameterSchema${path}`, message: expect.stringContaining('cannot be kept') as string },
  ])
})

it('the patterns of many organizations together take no more memory than is set, whatever texts they read', () => {
  const meter = new Meter({ ...NO_LIMIT }, false)
  let most = 0
  for (let n = 0; n < 60; n++) {
    // Each remembers some 2^16 states of a hundred bytes and more, one for each way in which a text may have begun.
    const pattern = compilePattern(`(?:a|b|${String.fromCodePoint(0x4e00 + n)})*a(?:a|b){15}$`, meter)
    let seed = n + 1
    for (let texts = 0; texts < 3; texts++) {
      const text = Array.from({ length: 3_000 }, () =>
        (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) & 65_536 ? 'a' : 'b',
      )
      pattern.test(text.join(''))
      most = Math.max(most, knownPatterns.bytes)
    }
  }
  expect(most, 'the test fills it').toBeGreaterThan(MOST_PATTERN_BYTES / 2)
  // The one that is in use may be too large by itself: its engine remembers up to 8 MiB.
  expect(most).toBeLessThan(MOST_PATTERN_BYTES + 9 * 1024 * 1024)
  expect(compilePattern('^a+$', meter).test('aaa')).toBe(true)
})

it('what was asked for least recently goes first, and what grew counts with what it takes by now', () => {
  const cache = new WeighedCache<string>(100)
  cache.put('a', 'A', 40)
  cache.put('b', 'B', 40)
  expect(cache.get('a')).toBe('A')
  cache.put('c', 'C', 40)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  cache.reweigh('c', 'C', 90)
  expect([cache.get('a'), cache.get('c'), cache.bytes]).toEqual([undefined, 'C', 90])
  cache.reweigh('gone', 'X', 1_000)
  cache.put('d', 'D', 1_000)
  expect([cache.get('c'), cache.get('d'), cache.bytes]).toEqual([undefined, 'D', 1_000])
})
