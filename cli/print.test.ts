import { expect, test } from 'vitest'
import { duration } from './print'

test.each([
  [0.04, '0 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.7, '1 min 0 s'],
  [119.7, '2 min 0 s'],
  [3599.7, '1 h 0 min'],
  [86_399.7, '1 days'],
  [null, '-'],
])('%s seconds are shown as "%s"', (seconds, shown) => {
  expect(duration(seconds)).toBe(shown)
})
