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
    free: { type: 'object', patternProperties: { '^a': { type: 'number' }, '^b': { type: 'string' } } },
  },
}
/** The problems that are listed above the form. */
const listed = (value: Parameters<typeof checkParameters>[1]) =>
  unmarked(checkParameters(schema, value), formOf(schema), value)

test('a problem that is shown at its field, or at a group of fields, is not listed above the form as well', () => {
  expect(listed({ id: 'a', order: {}, rows: [{}] })).toEqual([])
  expect(unmarked({ 'option:runAt': 'Must be a date and time.' }, formOf(schema), {})).toEqual([])
})

test('a problem without a field is listed above the form: one of the whole object, of an unknown member, or inside JSON', () => {
  expect(listed({ id: 'ab' })).toEqual([['', 'At least 2 fields.']])
  expect(listed({ id: 'ab', free: { a: 'x' } })).toEqual([['free.a', 'Must be a number.']])
  expect(listed({ id: 'ab', extra: 1 }).map(([path]) => path)).toEqual(['extra'])
  expect(unmarked({ '': 'Must be smaller.', 'option:idempotencyKey': 'Is too long.' }, formOf(schema), {})).toEqual([
    ['', 'Must be smaller.'],
    ['idempotencyKey', 'Is too long.'],
  ])
})

test('problems inside branches, maps and tuples are shown at their fields', () => {
  const kinds = {
    type: 'object',
    properties: {
      pay: {
        oneOf: [
          {
            type: 'object',
            properties: { by: { const: 'card' }, pan: { type: 'string', minLength: 4 } },
            required: ['by', 'pan'],
          },
          {
            type: 'object',
            properties: { by: { const: 'bank' }, iban: { type: 'string', minLength: 8 } },
            required: ['by', 'iban'],
          },
        ],
      },
      limits: { type: 'object', additionalProperties: { type: 'number', minimum: 1 } },
      range: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: { type: 'number' } },
    },
  }
  const value = { pay: { by: 'bank', iban: 'DE' }, limits: { daily: 0 }, range: [1, 'x', 'y'] }
  const problems = checkParameters(kinds, value)
  expect(Object.keys(problems).sort()).toEqual(['limits.daily', 'pay.iban', 'range[0]', 'range[1]', 'range[2]'])
  expect(unmarked(problems, formOf(kinds), value)).toEqual([])
})

test('a refused parent job is reported at the field for parents, whichever parent it is', () => {
  expect(unmarked({ 'option:dependsOn[3]': 'Was canceled.' }, formOf(schema), {})).toEqual([])
})
