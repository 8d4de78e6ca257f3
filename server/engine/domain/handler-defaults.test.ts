import { expect, test } from 'vitest'
import { differencesFrom, followed } from './handler-defaults'
import { jobType } from './job-type-config'

const file = (over: object = {}) =>
  jobType({
    name: 'invoice.send',
    displayName: 'Send',
    description: '',
    parameterSchema: { type: 'object', properties: { a: {}, b: {} } },
    ...over,
  })

test('what an administrator set is told beside what the file says, and nothing else', () => {
  expect(differencesFrom(file(), file())).toEqual([])
  const present = {
    ...file(),
    timeoutSeconds: 9,
    handler: 'http.request',
    concurrency: { global: 0, perOrganization: null },
  }
  expect(differencesFrom(file(), present)).toEqual([
    { field: 'timeoutSeconds', present: 9, default: 300 },
    {
      field: 'concurrency',
      present: { global: 0, perOrganization: null },
      default: { global: null, perOrganization: null },
    },
  ])
  // An older worker wrote fewer settings down. Of the others nothing is known.
  expect(differencesFrom({ displayName: 'Send' }, present)).toEqual([])
})

test('a setting that nobody has changed follows a newer file, and one that somebody has changed does not', () => {
  const next = file({ timeoutSeconds: 60, maxRetries: 1 })
  expect(followed({ former: file(), next }, file())).toEqual({ timeoutSeconds: 60, maxRetries: 1 })
  expect(followed({ former: file(), next }, { ...file(), timeoutSeconds: 90 })).toEqual({ maxRetries: 1 })
  expect(followed({ former: file(), next: file() }, { ...file(), timeoutSeconds: 90 })).toEqual({})
})

test('a schema whose fields stand in another order is another one, because forms follow the order', () => {
  const turned = { type: 'object', properties: { b: {}, a: {} } }
  expect(followed({ former: file(), next: file({ parameterSchema: turned }) }, file())).toEqual({
    parameterSchema: turned,
  })
})
