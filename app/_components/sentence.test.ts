import { expect, test } from 'vitest'
import { sentence } from './sentence'

test('a reason gets the full stop that it lacks, and keeps the mark that it has', () => {
  expect(sentence('Inventory until noon')).toBe('Inventory until noon.')
  expect(sentence('Inventory. ')).toBe('Inventory.')
  expect(sentence('Why not?')).toBe('Why not?')
})
