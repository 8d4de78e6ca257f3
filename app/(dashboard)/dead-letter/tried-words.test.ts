import { expect, test } from 'vitest'
import { triedWords } from './tried-words'

// One job of a group of dead letters can be retried before the others. These words tell how that job does.
const job = { startedAt: '2026-01-31T08:00:00.000Z', finishedAt: '2026-01-31T08:00:02.100Z', error: null }

test('the words tell how the tried job ended', () => {
  expect(triedWords({ ...job, status: 'COMPLETED' }, undefined)).toBe('The one that was tried completed, in 2.1 s.')
  expect(
    triedWords(
      { ...job, status: 'DEAD_LETTER', error: { message: 'No route', class: 'TRANSIENT', fingerprint: 'f' } },
      undefined,
    ),
  ).toBe('The one that was tried died again: No route')
})

test('the words tell what holds the tried job back while it waits', () => {
  expect(triedWords({ ...job, status: 'PENDING' }, 'The circuit of a.b is open.')).toBe(
    'The one that was tried waits. The circuit of a.b is open.',
  )
})
