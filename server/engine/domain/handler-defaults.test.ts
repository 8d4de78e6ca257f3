import { expect, test } from 'vitest'
import { differencesFrom, digestOf, followed, takesOver } from './handler-defaults'
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

test('new defaults replace the kept ones; replaced ones come back only when no other worker has those of now', () => {
  const [older, newer, newest] = [file({ maxRetries: 1 }), file({ maxRetries: 2 }), file({ maxRetries: 3 })]
  const kept = { defaults: newer, replaced: [digestOf(older)] }
  const others = new Set([digestOf(newer)])
  expect(takesOver(newer, kept, others)).toBe(false)
  expect(takesOver(newest, kept, others)).toBe(true)
  expect(takesOver(older, kept, others)).toBe(false)
  expect(takesOver(older, kept, new Set([digestOf(older)]))).toBe(true)
  expect(takesOver(older, kept, undefined)).toBe(true)
  // A handler may begin or cease to make a job type.
  expect(takesOver(null, kept, others)).toBe(true)
})
