import { expect, test } from 'vitest'
import { about } from './conditions'

test('an alert tells a measured time as people say it, not in thousands of seconds', () => {
  expect(about(44.6)).toBe('45 s')
  expect(about(298)).toBe('5 min')
  expect(about(4_000)).toBe('67 min')
  expect(about(9_300)).toBe('3 h')
})
