import { expect, test } from 'vitest'
import { causeWords } from './cause-words'

const AT = '2026-11-30T02:39:00.000Z'
const noneOpen = { retrying: 0, waiting: 0, running: 0, nextRetryAt: null }

test.each([
  ['jobs that retry by themselves', { ...noneOpen, retrying: 3, nextRetryAt: AT }, 0, false, ['3 retry', AT, null]],
  ['one job that retries by itself', { ...noneOpen, retrying: 1, nextRetryAt: AT }, 0, false, ['1 retries', AT, null]],
  ['jobs that somebody retried', { ...noneOpen, waiting: 7 }, 0, false, ['7 wait', null, null]],
  [
    'jobs that somebody retried and a circuit holds',
    { ...noneOpen, waiting: 7 },
    0,
    true,
    ['7 wait: circuit open', null, null],
  ],
  [
    'planned retries that a circuit holds',
    { ...noneOpen, retrying: 2, nextRetryAt: AT },
    0,
    true,
    ['2 retry: circuit open', null, null],
  ],
  [
    'retries, and jobs that run again',
    { ...noneOpen, retrying: 2, nextRetryAt: AT, running: 1 },
    0,
    false,
    ['2 retry', AT, '1 runs again'],
  ],
  ['no job that is left', noneOpen, 0, false, [null, null, 'all ended']],
  ['dead jobs alone', noneOpen, 4, true, [null, null, null]],
] as const)('a cause with %s says what goes on', (_, open, dead, circuitOpen, [listed, next, rest]) =>
  expect(causeWords({ open, dead }, circuitOpen)).toMatchObject({ listed, next, rest }),
)
