import { expect, it } from 'vitest'
import { aheadOf, behindOf, lookOf, placeIn, sumWords } from './day-shape'

const now = Date.parse('2026-11-29T12:00:00Z')
/** The time so many hours from now. */
const in_ = (hours: number) => new Date(now + hours * 3_600_000).toISOString()
/**
 * Half an hour of the strip that begins so many hours from now. It had one run, which completed. `failed` counts runs
 * that are dead or were refused, too.
 */
const part = (hours: number, more: object = {}) => ({
  from: in_(hours),
  minutes: 30,
  count: 1,
  failed: 0,
  dead: 0,
  refused: 0,
  skipped: 0,
  unfinished: 0,
  canceled: 0,
  ...more,
})

it('now stands in the middle, a day ago at the left and tomorrow at the right', () => {
  expect([-24, 0, 12, 24].map((hours) => placeIn(in_(hours), now))).toEqual([0, 50, 75, 100])
  expect([-24.1, 24.1].map((hours) => placeIn(in_(hours), now))).toEqual([null, null])
})

it('few planned times are single marks, and more than can be told apart are a band', () => {
  expect(aheadOf({ upcoming: [in_(6), in_(18)] }, now)).toEqual({ marks: [62.5, 87.5], band: null })
  const everyMinute = Array.from({ length: 24 }, (_, n) => in_((n + 1) / 60))
  expect(aheadOf({ upcoming: everyMinute }, now)).toMatchObject({ marks: [], band: expect.closeTo(50.03, 1) })
  // So many as the server lists, but they reach the end of the strip. So none is missing.
  const everyHour = Array.from({ length: 24 }, (_, n) => in_(n + 0.9))
  expect(aheadOf({ upcoming: everyHour }, now).marks).toHaveLength(24)
})

it('half hours of the past are cut where the strip begins and where now is, and what comes before those that the server lists is unknown', () => {
  const { parts, unknown } = behindOf({ past: [part(-24.25), part(-12), part(-0.25), part(-30)], pastFrom: null }, now)
  expect(parts.map(({ left, width }) => [left, left + width])).toEqual([
    [0, expect.closeTo(0.52, 2)],
    [25, expect.closeTo(26.04, 2)],
    [expect.closeTo(49.48, 2), 50],
  ])
  expect(unknown).toBeNull()
  expect(behindOf({ past: [], pastFrom: in_(-12) }, now).unknown).toBe(25)
})

it('a part of the day looks like the worst that happened in it', () => {
  expect(lookOf(part(0, { count: 3, failed: 2, dead: 1 }))).toBe('dead')
  expect(lookOf(part(0, { count: 3, failed: 2, refused: 1, unfinished: 1 }))).toBe('failed')
  expect(lookOf(part(0, { count: 3, failed: 1, refused: 1, unfinished: 1 }))).toBe('refused')
  expect(lookOf(part(0, { count: 3, unfinished: 1, skipped: 2 }))).toBe('unfinished')
  expect(lookOf(part(0, { count: 3, skipped: 2 }))).toBe('completed')
  expect(lookOf(part(0, { count: 3, skipped: 2, canceled: 1 }))).toBe('canceled')
  expect(lookOf(part(0, { count: 3, skipped: 3 }))).toBe('skipped')
})

it('a line of the strip is told in words', () => {
  const day = { id: '', organizationId: '', name: '', upcoming: [], pastFrom: null }
  expect(
    sumWords(
      {
        ...day,
        past: [part(-3, { count: 4, failed: 4, dead: 1, refused: 2 }), part(-2, { count: 5, skipped: 2, canceled: 1 })],
      },
      4,
    ),
  ).toBe(
    'Last 24 hours: 9 runs, 1 dead letter, 1 failed, 2 refused, 1 canceled, 2 missed or left out. Next 24 hours: 4 planned.',
  )
  expect(sumWords({ ...day, past: [] }, null)).toBe('Last 24 hours: no run. Next 24 hours: many planned.')
})
