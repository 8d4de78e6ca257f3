import { expect, test } from 'vitest'
import { changedFields } from './changed-fields'

test('a changed value is shown with both values, and an unchanged one is left out', () => {
  expect(changedFields({ maxConcurrent: 2, name: 'Acme' }, { maxConcurrent: null, name: 'Acme' })).toEqual([
    { name: 'Max concurrent', from: '2', to: 'none', lines: false },
  ])
})

test('the two parts of a limit are compared separately', () => {
  expect(
    changedFields(
      { concurrency: { global: 2, perOrganization: 1 } },
      { concurrency: { global: 5, perOrganization: 1 } },
    ),
  ).toEqual([{ name: 'Concurrency global', from: '2', to: '5', lines: false }])
})

test('an entry of the audit compares a schema line by line', () => {
  const [field] = changedFields({ parameterSchema: { properties: { a: 1 } } }, { parameterSchema: { properties: {} } })
  expect(field).toMatchObject({ name: 'Parameter schema', lines: true })
  expect(field!.from).toContain('"a": 1')
})

test('what an act created has no value before, and what it removed has no value after', () => {
  expect(changedFields(null, { role: 'ADMIN' })).toEqual([{ name: 'Role', from: null, to: 'ADMIN', lines: false }])
  expect(changedFields({ role: 'ADMIN' }, null)).toEqual([{ name: 'Role', from: 'ADMIN', to: null, lines: false }])
})

test('an entry without recorded values has no difference, and a value that is no object is called “Value”', () => {
  expect(changedFields(null, null)).toEqual([])
  expect(changedFields({}, [])).toEqual([{ name: 'Value', from: null, to: '[]', lines: true }])
})
