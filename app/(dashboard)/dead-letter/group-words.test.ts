import { expect, test } from 'vitest'
import { ignoredWords, lastActionWords, newSinceWords, outcomeWords, valueWords } from './group-words'

const retry = {
  action: 'RETRY',
  by: { type: 'user', id: 'u', name: 'Dana' },
  at: '2026-01-31T08:00:00Z',
  reason: null,
  jobs: 10,
  followed: 10,
  completed: 0,
  deadAgain: 10,
} as const

test('a new cause tells since when it is new, and whether that was yesterday', () => {
  const at = new Date(2026, 0, 31, 2, 24).getTime()
  expect(newSinceWords(at, at + 60_000)).toBe('new since 02:24')
  expect(newSinceWords(at, at + 86_400_000)).toBe('new since yesterday 02:24')
})

test('the last retry is described by how many of its jobs completed', () => {
  expect(lastActionWords(retry)).toBe('last retry: 0 of 10')
  expect(outcomeWords(retry)).toBe('0 of 10 completed, 10 are dead again.')
  expect(outcomeWords({ ...retry, completed: 6, deadAgain: 1 })).toBe(
    '6 of 10 completed, 1 is dead again, 3 have not ended, or ended otherwise.',
  )
  expect(outcomeWords({ ...retry, jobs: 900, followed: 200, completed: 200, deadAgain: 0 })).toBe(
    '200 of the first 200 of 900 completed.',
  )
})

test('a deletion is described by how many jobs are gone', () => {
  expect(lastActionWords({ ...retry, action: 'DELETE' })).toBe('10 deleted')
  expect(outcomeWords({ ...retry, action: 'DELETE', jobs: 1 })).toBe('1 was deleted.')
})

test('an ignored cause tells until when it is ignored, or up to how many failures', () => {
  expect(ignoredWords({ until: null, perHour: 20 })).toBe('while at most 20 happen an hour')
  expect(ignoredWords({ until: new Date(2026, 11, 1, 8).toISOString(), perHour: null })).toBe(
    'until Dec 1, 2026, 08:00',
  )
})

test('a text value among the parameters is shown differently from a number', () => {
  expect([valueWords('7'), valueWords(7), valueWords(null)]).toEqual(['“7”', '7', 'null'])
})
