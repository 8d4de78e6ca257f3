import { expect, it } from 'vitest'
import { timeTicks } from './time-ticks'

/** Buckets of a chart that begins at this local time. */
const from = (begin: string, count: number, bucketSeconds: number) =>
  Array.from({ length: count }, (_, n) => ({
    at: new Date(Date.parse(begin) + n * bucketSeconds * 1000).toISOString(),
  }))
const labels = (...args: Parameters<typeof timeTicks>) => timeTicks(...args).map(({ label }) => label)

it('an hour is labelled every quarter, and a day every few hours, at round times of the reader', () => {
  expect(labels(from('2026-11-28T10:03:00', 60, 60), 60, true)).toEqual(['10:15', '10:30', '10:45', '11:00'])
  expect(labels(from('2026-11-28T10:20:00', 72, 1200), 1200, true)).toEqual([
    '12:00',
    '15:00',
    '18:00',
    '21:00',
    '00:00',
    '03:00',
    '06:00',
    '09:00',
  ])
})

it('a week is labelled with each of its days once, where the day begins', () => {
  const ticks = timeTicks(from('2026-11-22T02:00:00', 84, 7200), 7200, true)
  expect(ticks.map(({ label }) => label)).toEqual(['Nov 23', 'Nov 24', 'Nov 25', 'Nov 26', 'Nov 27', 'Nov 28'])
  expect(ticks[0]!.left).toBeCloseTo(22 / 168)
})

it('a label stands where its time is: bars begin at their time, and a line has its last point on the edge', () => {
  const points = from('2026-11-28T10:00:00', 6, 600)
  expect(timeTicks(points, 600, true).find(({ label }) => label === '10:30')!.left).toBeCloseTo(0.5)
  expect(timeTicks(points, 600, false).find(({ label }) => label === '10:30')!.left).toBeCloseTo(0.6)
})

it('no chart has more than eight labels, two that are equal or too near side by side, or one beyond its right edge, however long its time is', () => {
  for (const bucketSeconds of [1, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 7200, 14_400, 43_200, 86_400])
    for (const count of [1, 2, 7, 24, 30, 60, 72, 90, 120])
      for (const bars of [true, false]) {
        const ticks = timeTicks(from('2026-11-28T10:03:20', count, bucketSeconds), bucketSeconds, bars)
        const named = ticks.map(({ label }) => label)
        expect(ticks.length).toBeLessThanOrEqual(8)
        // Equal times of day may stand a day apart, and equal days do not stand at all.
        expect(named.filter((label, n) => label === named[n - 1])).toEqual([])
        for (const [n, { left }] of ticks.entries()) {
          expect(left).toBeLessThan(1)
          if (n > 0) expect(left - ticks[n - 1]!.left).toBeGreaterThanOrEqual(0.12)
        }
      }
})

it('two weeks over the end of a month of 31 days have no two labels a day apart', () => {
  const labels = timeTicks(from('2026-10-25T00:00:00', 84, 14_400), 14_400, true).map(({ label }) => label)
  expect(labels).not.toEqual(expect.arrayContaining(['Oct 31', 'Nov 1']))
})

it('a chart without buckets has no labels', () => {
  expect(timeTicks([], 60, true)).toEqual([])
})
