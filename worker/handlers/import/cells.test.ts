import { expect, test } from 'vitest'
import type { Json } from '@/server/engine/domain/types'
import { cellReader } from './cells'

test.each<[schema: Json, text: string, value: Json]>([
  [{ type: ['string', 'null'] }, '', null],
  [{ type: 'string' }, '', ''],
  [{ type: ['string', 'boolean'] }, 'TRUE', true],
  [{ type: 'boolean' }, 'false', false],
  [{ type: 'string' }, 'true', 'true'],
  [{ type: 'integer' }, '-12', -12],
  [{ type: ['string', 'number'] }, '1e3', 1_000],
  [{ type: ['string', 'number'] }, '007', '007'],
  [{ type: ['string', 'number'] }, '9007199254740993', '9007199254740993'],
  [{ type: 'string' }, '12', '12'],
  [{ enum: [1, 'x'] }, '1', 1],
  [true, '12', '12'],
])('a column with the schema %j reads the cell "%s" as %j', (schema, text, value) => {
  expect(cellReader(schema)(text)).toEqual({ value })
})

test('a long text that is no value is cut in the reason, and no character is cut in half', () => {
  const read = cellReader({ type: 'integer' })('a'.repeat(58) + '😀'.repeat(10))
  expect(read).toEqual({ problem: `must be a whole number such as 12, not "${'a'.repeat(58)}…"` })
})
