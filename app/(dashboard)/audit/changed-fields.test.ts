import { expect, test } from 'vitest'
import { changedFields } from './changed-fields'

test('a value that changed stands with both values, one that stayed is left out', () => {
  expect(changedFields({ maxConcurrent: 2, name: 'Acme' }, { maxConcurrent: null, name: 'Acme' })).toEqual([
    { name: 'Max concurrent', from: '2', to: 'none', lines: false },
  ])
})

test('the halves of a limit are compared each by itself', () => {
  expect(
    changedFields(
      { concurrency: { global: 2, perOrganization: 1 } },
      { concurrency: { global: 5, perOrganization: 1 } },
    ),
  ).toEqual([{ name: 'Concurrency global', from: '2', to: '5', lines: false }])
})

test('a schema is compared line by line', () => {
  const [field] = changedFields({ parameterSchema: { properties: { a: 1 } } }, { parameterSchema: { properties: {} } })
  expect(field).toMatchObject({ name: 'Parameter schema', lines: true })
  expect(field!.from).toContain('"a": 1')
})

test('what an act made was not there before, and what it took away is not there after', () => {
  expect(changedFields(null, { role: 'ADMIN' })).toEqual([{ name: 'Role', from: null, to: 'ADMIN', lines: false }])
  expect(changedFields({ role: 'ADMIN' }, null)).toEqual([{ name: 'Role', from: 'ADMIN', to: null, lines: false }])
})

test('an act that kept nothing has no difference', () => {
  expect(changedFields(null, null)).toEqual([])
  expect(changedFields({}, [])).toEqual([{ name: 'Value', from: null, to: '[]', lines: true }])
})
