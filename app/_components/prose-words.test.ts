import { expect, test } from 'vitest'
import { errorWords, localTimes, shortProse, statusWords, waitingWords } from './prose-words'

const NOW = Date.parse('2026-01-31T02:25:00Z')

test('times that the server wrote in UTC are told in the reader’s zone, with or without seconds', () => {
  const at = new Date(Date.UTC(2026, 0, 31, 2, 39))
  const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  expect(localTimes('One may try from 2026-01-31 02:39 UTC, the rest follows.', NOW)).toContain(
    `from ${clock} (in 14m), the rest`,
  )
  expect(localTimes('since 2026-01-31 02:20 UTC.', NOW)).not.toContain('in ')
  expect(localTimes('since 2026-01-31 02:20:31 UTC.', NOW)).not.toMatch(/UTC|:31/)
})

test('a time that has passed is never told as one to come, also where the reader’s clock is behind', () => {
  for (const words of ['is paused by Ada since', 'It was handed to the queue at', 'is held back since'])
    expect(localTimes(`${words} 2026-01-31 02:25:40 UTC.`, NOW)).toMatch(/ \d\d:25\.$/)
})

test('a time of another year has its year, and one that is far away has no second date beside it', () => {
  expect(localTimes('submitted before 2025-03-01 12:00 UTC', NOW)).toMatch(
    /^submitted before (Feb|Mar) \d+, 2025, \d\d:\d\d$/,
  )
  expect(localTimes('not before 2026-04-01 12:00 UTC', NOW)).toMatch(/^not before (Mar|Apr) \d+, \d\d:\d\d$/)
})

test('how long it is until a time in a sentence is told once, and as it is now', () => {
  const said = localTimes('One job may try at 2026-01-31 02:39:10 UTC, in 13 min 14 s. It is held back.', NOW)
  expect(said).toMatch(/at \d\d:\d\d \(in 14m\)\. It is held back\.$/)
  expect(localTimes('It starts at 2026-02-02 02:39:10 UTC, in 2 d 5 h.', NOW)).toMatch(/ \(in 2d\)\.$/)
  expect(localTimes('It was planned for 2026-01-31 02:20:31 UTC, in 4 s.', NOW)).not.toContain('in 4 s')
})

test('statuses in a sentence are words, and ids as short as in lists', () => {
  const sentence = 'It waited for job 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f, which is DEAD_LETTER'
  expect(shortProse(sentence)).toBe('It waited for job 1c0d9e8f, which is dead')
  expect(statusWords('It was TIMED_OUT.')).toBe('It was timed out.')
})

const ID = '0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f'

test('the error of a handler is shown as it is, and that of the engine about another job in plain words', () => {
  const own = `customer ${ID} is PENDING since 2026-01-31 02:39 UTC`
  expect(errorWords(own)).toBe(own)
  expect(errorWords(`It waited for job ${ID}, which is CANCELED`)).toBe('It waited for job 1c0d9e8f, which is canceled')
  expect(errorWords(`It waited for job ${ID}, which did not complete`)).not.toContain(ID)
  expect(errorWords('It waited for job ‹id›, which is DEAD_LETTER')).toBe('It waited for job ‹id›, which is dead')
})

test('the sentence of a waiting job has no raw status and no whole id of another job', () => {
  const parents = `It waits for a job that is not completed: report.monthly ${ID} (TIMED_OUT).`
  expect(waitingWords({ code: 'WAITING_FOR_PARENTS', message: parents }, NOW)).toBe(
    'It waits for a job that is not completed: report.monthly 1c0d9e8f (timed out).',
  )
  const deleted = 'Its organization is deleted: it ends in DEAD_LETTER within moments.'
  expect(waitingWords({ code: 'ORGANIZATION_DELETED', message: deleted }, NOW)).not.toContain('DEAD_LETTER')
  expect(waitingWords({ code: 'CIRCUIT_OPEN', message: `Job ${ID} tries now.` }, NOW)).toBe('Job 1c0d9e8f tries now.')
})

test('in the sentence of a waiting job, the words of a person and the error of a handler stay as they are', () => {
  const quoted = '(“PENDING review (“A”) until 2026-02-01 10:00 UTC”)'
  const paused = waitingWords(
    { code: 'PAUSED', message: `It is paused by Ada since 2026-01-31 02:20:00 UTC ${quoted}.` },
    NOW,
  )
  expect(paused).toMatch(/since \d\d:20 \(“PENDING review/)
  expect(paused).toContain(quoted)
  const error = `Its last attempt failed (row ${ID} of 2026-01-30 10:00 UTC is FAILED)`
  const retry = waitingWords(
    { code: 'RETRY_BACKOFF', message: `${error}. Retry 1 of at most 3 starts at 2026-01-31 02:25:40 UTC, in 40 s.` },
    NOW,
  )
  expect(retry.startsWith(error)).toBe(true)
  expect(retry).toMatch(/starts at \d\d:25 \(in 40s\)\.$/)
})
