import { expect, test } from 'vitest'
import { checkParameters } from './check-parameters'
import { formOf } from './schema-form'
import { unmarked } from './unmarked'

const schema = {
  type: 'object',
  minProperties: 2,
  additionalProperties: false,
  properties: {
    id: { type: 'string', minLength: 2 },
    order: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } },
    rows: {
      type: 'array',
      minItems: 2,
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
    free: { type: 'object', additionalProperties: { type: 'number' } },
  },
}
const left = (value: Parameters<typeof checkParameters>[1]) =>
  unmarked(checkParameters(schema, value), formOf(schema), value)

test('what a field or its group marks is not said twice', () => {
  expect(left({ id: 'a', order: {}, rows: [{}] })).toEqual([])
  expect(unmarked({ 'option:runAt': 'Must be a date and time.' }, formOf(schema), {})).toEqual([])
})

test('what no field can mark is said of the whole, of strangers, and of what lies in JSON', () => {
  expect(left({ id: 'ab' })).toEqual([['', 'At least 2 fields.']])
  expect(left({ id: 'ab', free: { a: 'x' } })).toEqual([['free.a', 'Must be a number.']])
  expect(left({ id: 'ab', extra: 1 }).map(([path]) => path)).toEqual(['extra'])
  expect(unmarked({ '': 'Must be smaller.', 'option:dependsOn': 'No such job.' }, formOf(schema), {})).toEqual([
    ['', 'Must be smaller.'],
    ['dependsOn', 'No such job.'],
  ])
})
