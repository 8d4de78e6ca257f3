import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, it } from 'vitest'
import { MOST_REPEATS, sizeOfPattern } from './pattern-size'

it.each([
  '(?:a|b)*a(?:a|b){900}$',
  '^(?:(a?)(a?)(a?)(a?)){0,200}$',
  '^(?:(?:a{10}){10}){10}$',
  '^[a-z]{0,3}(?:x|yz){2,}\\d+\\p{L}{5,9}$',
  '^\\S{1,255}$|^\\uD83D\\uDE00{7}',
  '(((((((a)))))))',
  '(((($)*a)*)*){3}',
  '^(?<name>[\\w.-]+)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+$',
])('the size of %s is estimated no smaller than it is, and not far too large', (source) => {
  const size = RE2JS.compile(RE2JS.translateRegExp(source)).programSize()
  expect(sizeOfPattern(source).parts).toBeGreaterThanOrEqual(size)
  // A much too large estimate would refuse patterns that are harmless.
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
      // With more repeats RE2 is not used.
      fc.pre(repeats <= MOST_REPEATS)
      expect(RE2JS.compile(RE2JS.translateRegExp(source)).programSize()).toBeLessThanOrEqual(parts)
    }),
    { numRuns: 3_000 },
  )
})
