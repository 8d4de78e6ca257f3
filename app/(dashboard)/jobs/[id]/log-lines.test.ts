import { expect, it } from 'vitest'
import { mergeLines } from './log-lines'

const lines = (...numbers: number[]) => numbers.map((line) => ({ line }))

it('appends what is new, once, and keeps the same list where nothing is', () => {
  const known = lines(1, 2, 3)
  expect(mergeLines(known, lines(2, 3, 4, 5))).toEqual(lines(1, 2, 3, 4, 5))
  expect(mergeLines(known, lines(2, 3))).toBe(known)
  expect(mergeLines([], lines(7))).toEqual(lines(7))
})
