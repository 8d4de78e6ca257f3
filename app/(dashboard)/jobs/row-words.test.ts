import { expect, test } from 'vitest'
import type { Job } from '@/app/_trpc/types'
import { wordsOfRow } from './row-words'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const later = '2026-03-10T12:05:00.000Z'
const job = (over: Partial<Job>) =>
  ({
    status: 'PENDING',
    runAt: '2026-03-10T11:00:00.000Z',
    nextRetryAt: null,
    failures: 0,
    error: null,
    canceledBy: null,
    cancelReason: null,
    cancelRequestedAt: null,
    ...over,
  }) as Job
const error = { message: 'no route to host', class: 'TRANSIENT', fingerprint: 'f' } as Job['error']

test('the row of a failed job shows its error, and when it is tried again', () => {
  expect(wordsOfRow(job({ status: 'FAILED', error, nextRetryAt: later, failures: 1 }), NOW)).toEqual({
    text: 'no route to host',
    tone: 'bad',
    until: { word: 'retry', at: later },
  })
  expect(wordsOfRow(job({ status: 'DEAD_LETTER', error }), NOW)).toEqual({
    text: 'no route to host',
    tone: 'bad',
    until: null,
  })
})

test('the row of a failed job shows the error of its handler as it is', () => {
  const message = 'customer 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f is PENDING'
  for (const status of ['FAILED', 'DEAD_LETTER'] as const)
    expect(wordsOfRow(job({ status, error: { ...error!, message } }), NOW).text).toBe(message)
})

test('the row of a canceled job shows who canceled it and why', () => {
  const canceledBy = { type: 'user' as const, id: 'u', name: 'Ada' }
  expect(wordsOfRow(job({ status: 'CANCELED', canceledBy, cancelReason: 'too late' }), NOW).text).toBe('Ada: too late')
  expect(wordsOfRow(job({ status: 'CANCELED', canceledBy }), NOW).text).toBe('Ada')
})

test('the row of a job that waits for its time shows when it starts, until that time has come', () => {
  expect(wordsOfRow(job({ runAt: later }), NOW).until).toEqual({ word: 'starts', at: later })
  expect(wordsOfRow(job({}), NOW).until).toBeNull()
})

test('the row of a completed job shows how often it failed before, and nothing if it never did', () => {
  expect(wordsOfRow(job({ status: 'COMPLETED', failures: 2 }), NOW).text).toBe('after 2 failures')
  expect(wordsOfRow(job({ status: 'COMPLETED' }), NOW)).toEqual({ text: '', tone: 'plain', until: null })
})
