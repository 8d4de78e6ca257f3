import { expect, it } from 'vitest'
import { mergeLines } from './log-lines'

const lines = (...numbers: number[]) => numbers.map((line) => ({ line }))

it('new log lines are added once, and the list stays the same object when there are none', () => {
  const known = lines(1, 2, 3)
  expect(mergeLines(known, lines(2, 3, 4, 5))).toEqual(lines(1, 2, 3, 4, 5))
  expect(mergeLines(known, lines(2, 3))).toBe(known)
  expect(mergeLines([], lines(7))).toEqual(lines(7))
})
