import { expect, test } from 'vitest'
import { keysOfRows } from './row-keys'

const without = (keys: readonly number[], place: number) => keys.filter((_, i) => i !== place)

test('a row that is taken out of the middle of a list leaves the keys of the others as they are, also where the rows came from elsewhere', () => {
  // Three rows were set at once, none of which the list has seen before.
  const keys = keysOfRows([], 3)
  expect(keys).toEqual([0, 1, 2])
  const left = without(keys, 1)
  expect(keysOfRows(left, 2)).toEqual([0, 2])
  // Two more come, and no two rows share a key.
  expect(keysOfRows(left, 4)).toEqual([0, 2, 3, 4])
})

test('a list that got shorter elsewhere forgets the keys of the rows at its end', () => {
  expect(keysOfRows([0, 2, 3], 1)).toEqual([0])
  expect(keysOfRows([0, 2, 3], 0)).toEqual([])
})
