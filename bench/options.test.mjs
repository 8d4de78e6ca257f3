import { expect, test } from 'vitest'
import { benchOptions, PARTS } from './options.mjs'

test('without options the bench measures every part that does not have to be named', () => {
  const { parts, rounds, needsPeers } = benchOptions([])
  expect(parts).toContain('throughput')
  expect(parts.every((part) => !PARTS[part]?.named)).toBe(true)
  expect([rounds, needsPeers]).toEqual([1, true])
})

test('a part that runs only where it is named runs when somebody names it, and nothing else does', () => {
  expect(benchOptions(['--only', 'growth, latency'])).toMatchObject({ parts: ['growth', 'latency'], needsWeb: false })
})

test.each([
  [['--only', 'througput'], 'There is no part "througput".'],
  [['--only', ''], 'There is no part "".'],
  [['--rounds', '0'], '--rounds must be a whole number from 1 on. "0" is none.'],
  [['--jobs', 'many'], '--jobs must be a whole number from 1 on. "many" is none.'],
  [['--seconds', '1.5'], '--seconds must be a whole number from 1 on. "1.5" is none.'],
])('options that would measure nothing are refused: %j', (args, message) => {
  expect(() => benchOptions(args)).toThrow(message)
})
