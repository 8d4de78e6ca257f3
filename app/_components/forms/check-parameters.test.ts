import { describe, expect, it } from 'vitest'
import { checkParameters } from './check-parameters'

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: { type: 'string', minLength: 2 },
    count: { type: 'integer', minimum: 1 },
    rows: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
    when: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
  },
}

describe('checkParameters', () => {
  it('parameters that fit the schema have no problems', () => {
    expect(checkParameters(schema, { id: 'ab', count: 1, rows: [{ name: 'x' }], when: '2026-01-31' })).toEqual({})
    expect(checkParameters(true, { any: 1 })).toEqual({})
  })

  it('a problem names its field and says what would be right', () => {
    expect(checkParameters(schema, { count: 0, rows: [{ name: 'x' }, {}] })).toEqual({
      id: 'This is required.',
      count: 'Must be 1 or more.',
      'rows[1].name': 'This is required.',
    })
    expect(checkParameters(schema, { id: 'a', count: 1.5 })).toEqual({
      id: 'At least 2 characters.',
      count: 'Must be a whole number.',
    })
  })

  it('a value that fits no branch of a union is reported as one problem, and an unknown field by its name', () => {
    const problems = checkParameters(schema, { id: 'ab', when: 'soon', extra: 1 })
    expect(problems.when).toBe('Does not fit the schema of the job type.')
    expect(Object.keys(problems).sort()).toEqual(['extra', 'when'])
  })
})
