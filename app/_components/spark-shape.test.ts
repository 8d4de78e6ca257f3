import { expect, test } from 'vitest'
import { sparkShape, sparkWords } from './spark-shape'

const DAY = 86_400
const days = (...counts: number[]) =>
  counts.map((count, index) => ({ at: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(), count }))
/** With 1.5 px free on each side, the line has 100 by 20 px. */
const SIZE = { width: 103, height: 23 }

test('a spark starts at the left and ends at the right, and its highest value touches the top', () => {
  const { line, end } = sparkShape(days(0, 5, 10), SIZE)
  expect(line).toMatch(/^M1\.5,21\.5/)
  expect(end).toEqual({ x: 101.5, y: 1.5 })
})

test('a spark of nothing but zeros lies at the bottom', () => {
  expect(sparkShape(days(0, 0), SIZE).end).toEqual({ x: 101.5, y: 21.5 })
})

test('a spark without points draws nothing', () => {
  expect(sparkShape([], SIZE)).toEqual({ line: '', area: '', end: null })
})

test('the words of a spark tell how many there were, over how long, and when most came', () => {
  expect(sparkWords(days(0, 7, 3), DAY)).toBe('10 in 3 days, most on Jan 2: 7')
  expect(sparkWords(days(0, 0, 0), DAY)).toBe('None in 3 days')
})
