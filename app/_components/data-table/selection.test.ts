import { expect, test } from 'vitest'
import { rowsBetween } from './selection'

const rows = ['a', 'b', 'c', 'd']
const between = (from: string | null, to: string) => rowsBetween(rows, (row) => row, from, to)

test('a range of rows includes both ends, whether it was ticked downwards or upwards', () => {
  expect(between('b', 'd')).toEqual(['b', 'c', 'd'])
  expect(between('d', 'b')).toEqual(['b', 'c', 'd'])
  expect(between('c', 'c')).toEqual(['c'])
})

test('a range from a row that is not on the page ticks only the row that was clicked', () => {
  expect(between('gone', 'c')).toEqual(['c'])
  expect(between(null, 'c')).toEqual(['c'])
})
