import { expect, test } from 'vitest'
import { sentence } from './sentence'

test('a reason without a full stop gets one, and a reason with a closing mark keeps it', () => {
  expect(sentence('Inventory until noon')).toBe('Inventory until noon.')
  expect(sentence('Inventory. ')).toBe('Inventory.')
  expect(sentence('Why not?')).toBe('Why not?')
})
