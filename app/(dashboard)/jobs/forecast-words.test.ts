import { expect, test } from 'vitest'
import type { Forecast } from '@/app/_trpc/types'
import { broughtBack, forecastLines, localTimes } from './forecast-words'

const NOW = Date.UTC(2026, 0, 31, 2, 25)
const forecast = (change: Partial<Forecast>): Forecast => ({
  matched: 10,
  capped: false,
  would: 10,
  skipped: [],
  warnings: [],
  ...change,
})

test('a forecast tells how many jobs a retry brings back, and how many it skips', () => {
  expect(broughtBack(forecast({}))).toBe('All 10 come back.')
  expect(broughtBack(forecast({ would: 8 }))).toBe('8 of 10 come back, 2 are skipped.')
  expect(broughtBack(forecast({ would: 1, matched: 2 }))).toBe('1 of 2 comes back, 1 is skipped.')
  expect(broughtBack(forecast({ would: 1, matched: 1 }))).toBe('It comes back.')
  expect(broughtBack(forecast({ would: 0 }))).toBe('None of the 10 can be retried.')
  expect(broughtBack(forecast({ would: 0, matched: 0 }))).toBe('None of them is there any more.')
  expect(broughtBack(forecast({ would: 100_000, matched: 100_000, capped: true }))).toBe(
    '100,000+ of 100,000+ come back.',
  )
})

test('an open circuit and a pause stand out among the warnings, and a limit does not', () => {
  const warnings: Forecast['warnings'] = [
    { code: 'PAUSED', count: 10, message: 'The organization is paused.' },
    { code: 'CIRCUIT_OPEN', count: 10, message: 'The circuit of a.b is open.' },
    { code: 'CONCURRENCY_LIMIT', count: 8, message: 'Job type a.b runs at most 2 jobs at once.' },
  ]
  expect(forecastLines('retry', forecast({ warnings }), NOW).map(({ holds }) => holds)).toEqual([true, true, false])
})

test('the jobs that a retry skips are mentioned once: in a warning of the server, or else in a line of their own', () => {
  const lines = forecastLines(
    'retry',
    forecast({
      would: 6,
      skipped: [
        { reason: 'DUPLICATE_JOB', count: 1 },
        { reason: 'ILLEGAL_TRANSITION', count: 3 },
      ],
      warnings: [{ code: 'DUPLICATE_JOB', count: 1, message: '1 job is skipped: an identical job took its place.' }],
    }),
    NOW,
  )
  expect(lines.map(({ text }) => text)).toEqual([
    '1 job is skipped: an identical job took its place.',
    '3 jobs are skipped: they are under way, or completed.',
  ])
})

test('a single job that would be skipped is described in the singular', () => {
  const text = (kind: 'cancel' | 'retry' | 'delete', reason: 'ILLEGAL_TRANSITION' | 'NOT_PERMITTED') =>
    forecastLines(kind, forecast({ skipped: [{ reason, count: 1 }] }), NOW)[0]?.text
  expect(text('retry', 'ILLEGAL_TRANSITION')).toBe('1 job is skipped: it is under way, or completed.')
  expect(text('cancel', 'ILLEGAL_TRANSITION')).toBe('1 job is skipped: it has ended.')
  expect(text('cancel', 'NOT_PERMITTED')).toBe('1 job is skipped: it is not yours.')
})

test('a time in a message of the server is shown in the reader’s time zone, with how far away it is', () => {
  const at = new Date(Date.UTC(2026, 0, 31, 2, 39))
  const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  expect(localTimes('One may try from 2026-01-31 02:39 UTC, the rest follows.', NOW)).toContain(
    `from ${clock} (in 14m), the rest`,
  )
  expect(localTimes('since 2026-01-31 02:20 UTC.', NOW)).not.toContain('in ')
})
