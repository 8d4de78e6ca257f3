import { expect, it } from 'vitest'
import { checkParameterSchema } from '../parameter-schema'
import type { Json } from '../types'
import { CheckTooLong, Meter, NO_LIMIT } from './meter'
import { compilePattern, knownPatterns, MOST_PATTERN_BYTES } from './patterns'

const within = (compiling: number) => new Meter({ ...NO_LIMIT, compiling }, false)

it('a pattern is not compiled where the check has too little work left, and one that is compiled already costs nothing', () => {
  const source = '^[a-z]{200}-once-only$'
  expect(() => compilePattern(source, within(100))).toThrow(CheckTooLong)
  const compiled = compilePattern(source, within(2_000))
  expect(compilePattern(source, within(0))).toBe(compiled)
})

it('the work of a pattern on a text grows with its program, but not for a pattern that needs one step for each character', () => {
  const steps = (source: string) => compilePattern(source, within(Infinity)).steps(1_000)
  expect(steps('(?:a|b)*a(?:a|b){900}$')).toBeGreaterThan(200_000)
  expect(steps('^[0-9a-f]{64}$')).toBeLessThan(200)
  expect(steps('invoice')).toBeLessThan(200)
})

const refused = (schema: Json) => checkParameterSchema({ type: 'object', ...(schema as object) })

it('a pattern that is too large once it is written out is refused, and the message says where it is and what to do', () => {
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

it('patterns whose sizes add up to too much are refused; a pattern that is used in several places counts once', () => {
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
])('the pattern %s, which people really use, is accepted', (source) => {
  expect(refused({ properties: { a: { pattern: source } } })).toEqual([])
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
