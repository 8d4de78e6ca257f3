import { expect, test } from 'vitest'
import { duration, upTo } from './print'

test.each([
  [0.04, '0 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.7, '1 min 0 s'],
  [119.7, '2 min 0 s'],
  [3599.7, '1 h 0 min'],
  [86_399.7, '1 day'],
  [null, '-'],
])('%s seconds are shown as "%s"', (seconds, shown) => {
  expect(duration(seconds)).toBe(shown)
})

test.each([
  [0.04, 'up to 1 s'],
  [1.4, 'up to 2 s'],
  [59.2, 'up to 1 min 0 s'],
  [3600, 'up to 1 h 0 min'],
  [3601, 'up to 1 h 1 min'],
  [90_000, 'up to 2 days'],
])('the usual duration of %s seconds is shown as "%s", and never as less', (seconds, shown) => {
  expect(upTo(seconds)).toBe(shown)
})
