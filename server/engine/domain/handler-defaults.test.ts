import { expect, test } from 'vitest'
import { differencesFrom, digestOf, followed, knownAfter, takesOver } from './handler-defaults'
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
  // An older worker wrote fewer settings down. Nothing is told about the settings that it left out.
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

test('among the workers that are alive, the one whose defaults were first seen last decides', () => {
  const [older, newer, newest] = [file({ maxRetries: 1 }), file({ maxRetries: 2 }), file({ maxRetries: 3 })]
  const known = [digestOf(older), digestOf(newer)]
  const kept = { defaults: newer, known, startedLately: false }
  const others = new Set([digestOf(newer)])
  expect(takesOver(newer, kept, others)).toBe(false)
  expect(takesOver(newest, kept, others)).toBe(true)
  expect(takesOver(older, kept, others)).toBe(false)
  expect(takesOver(older, kept, new Set([digestOf(older)]))).toBe(true)
  expect(takesOver(older, kept)).toBe(true)
  // A newer one that starts has named its handlers, and is not among the workers yet.
  expect(takesOver(older, { ...kept, startedLately: true })).toBe(false)
  // The only newer worker was away for a moment, and an older one has taken the settings back.
  const taken = { defaults: older, known, startedLately: true }
  expect(takesOver(newer, taken, new Set([digestOf(older)]))).toBe(true)
  // A handler may begin or cease to make a job type.
  expect(takesOver(null, kept, others)).toBe(true)
})

test('a handler remembers its defaults in the order in which they were first seen, also after a way back', () => {
  const [first, second] = [file({ maxRetries: 1 }), file({ maxRetries: 2 })]
  const kept = (defaults: typeof first | null, known: string[]) => ({ defaults, known, startedLately: false })
  const none = digestOf(null)
  const a = knownAfter(kept(null, []), first)
  expect(a).toEqual([none, digestOf(first)])
  const b = knownAfter(kept(first, a), second)
  expect(b).toEqual([none, digestOf(first), digestOf(second)])
  expect(knownAfter(kept(second, b), first)).toEqual(b)
})
