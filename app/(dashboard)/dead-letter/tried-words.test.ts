import { expect, test } from 'vitest'
import { triedWords } from './tried-words'

const job = { startedAt: '2026-01-31T08:00:00.000Z', finishedAt: '2026-01-31T08:00:02.100Z', error: null }

test('the job that was retried before the others of its cause is said to have completed or died again', () => {
  expect(triedWords({ ...job, status: 'COMPLETED' }, undefined)).toBe('The one that was tried completed, in 2.1 s.')
  expect(
    triedWords(
      { ...job, status: 'DEAD_LETTER', error: { message: 'No route', class: 'TRANSIENT', fingerprint: 'f' } },
      undefined,
    ),
  ).toBe('The one that was tried died again: No route')
})

test('while the job that was retried before the others waits, what holds it back is said', () => {
  expect(triedWords({ ...job, status: 'PENDING' }, 'The circuit of a.b is open.')).toBe(
    'The one that was tried waits. The circuit of a.b is open.',
  )
})
