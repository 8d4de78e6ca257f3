import { expect, it } from 'vitest'
import type { Schedule } from '@/app/_trpc/types'
import { aheadOf, inStrip, placeIn } from './day-shape'

const now = Date.parse('2026-11-29T12:00:00Z')
const in_ = (hours: number) => new Date(now + hours * 3_600_000).toISOString()

it('now stands in the middle, a day ago at the left and tomorrow at the right', () => {
  expect([-24, 0, 12, 24].map((hours) => placeIn(in_(hours), now))).toEqual([0, 50, 75, 100])
  expect([-24.1, 24.1].map((hours) => placeIn(in_(hours), now))).toEqual([null, null])
})

it('few planned times are single marks, and more than can be told apart are a band', () => {
  expect(aheadOf({ upcoming: [in_(6), in_(18)] }, now)).toEqual({ marks: [62.5, 87.5], band: null })
  const everyMinute = Array.from({ length: 24 }, (_, n) => in_((n + 1) / 60))
  expect(aheadOf({ upcoming: everyMinute }, now)).toMatchObject({ marks: [], band: expect.closeTo(50.03, 1) })
  const everyHour = Array.from({ length: 24 }, (_, n) => in_(n + 0.9))
  expect(aheadOf({ upcoming: everyHour }, now).marks).toHaveLength(24)
})

it('a schedule without anything in these two days is not in the strip, and the next to run comes first', () => {
  const of = (id: string, nextRunAt: string | null, upcoming: string[], runs: string[] = []) =>
    ({ id, nextRunAt, upcoming, lastRuns: runs.map((plannedAt) => ({ plannedAt })) }) as unknown as Schedule
  const all = [
    of('yearly', in_(900), [], [in_(-900)]),
    of('off', null, [], [in_(-3)]),
    of('late', in_(20), [in_(20)]),
    of('soon', in_(1), [in_(1)]),
  ]
  expect(inStrip(all, now).map(({ id }) => id)).toEqual(['soon', 'late', 'off'])
})
