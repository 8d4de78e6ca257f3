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

test('a problem that stands at its field, or at a group of fields, is not listed above the form as well', () => {
  expect(left({ id: 'a', order: {}, rows: [{}] })).toEqual([])
  expect(unmarked({ 'option:runAt': 'Must be a date and time.' }, formOf(schema), {})).toEqual([])
})

test('a problem without a field is listed above the form: of the whole, of an unknown member, of a value inside JSON', () => {
  expect(left({ id: 'ab' })).toEqual([['', 'At least 2 fields.']])
  expect(left({ id: 'ab', free: { a: 'x' } })).toEqual([['free.a', 'Must be a number.']])
  expect(left({ id: 'ab', extra: 1 }).map(([path]) => path)).toEqual(['extra'])
  expect(unmarked({ '': 'Must be smaller.', 'option:dependsOn': 'No such job.' }, formOf(schema), {})).toEqual([
    ['', 'Must be smaller.'],
    ['dependsOn', 'No such job.'],
  ])
})
