import { expect, test } from 'vitest'
import { localTimes, shortProse, statusWords } from './prose-words'

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

test('how long it is until then is told once, and as it is now', () => {
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
