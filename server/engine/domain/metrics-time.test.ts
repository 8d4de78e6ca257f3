import { expect, it } from 'vitest'
import { planTime } from './metrics-time'

const NOW = Date.parse('2026-11-29T16:07:30Z')
const between = (from: string, to: string) => planTime({ from: new Date(from), to: new Date(to) }, NOW)
const iso = (at: number) => new Date(at).toISOString()

it('a range ends now, and its chart has whole buckets of which the last is still filling', () => {
  const { from, to, minutes, exact, series } = planTime({ range: '24h' }, NOW)
  // A second later, for rows that are written meanwhile.
  expect([iso(from), to - NOW, minutes, exact]).toEqual(['2026-11-28T16:07:30.000Z', 1_000, 1_440, false])
  expect(iso(series.from)).toBe('2026-11-28T16:15:00.000Z')
  expect(iso(series.from + (series.count - 1) * series.bucketSeconds * 1000)).toBe('2026-11-29T16:00:00.000Z')
})

it('a time of up to an hour is read from every attempt, minute by minute, however long ago it was', () => {
  expect(between('2026-11-10T08:00:00Z', '2026-11-10T09:00:00Z')).toMatchObject({
    exact: true,
    minutes: 60,
    series: { count: 60, bucketSeconds: 60 },
  })
})

it('a longer time has at most 120 buckets, which last an hour or more where the sums of five minutes are gone', () => {
  expect(between('2026-11-29T08:00:00Z', '2026-11-29T14:00:00Z').series).toMatchObject({
    count: 72,
    bucketSeconds: 300,
  })
  // Sums of five minutes are kept for two days.
  expect(between('2026-11-20T08:00:00Z', '2026-11-20T14:00:00Z').series).toMatchObject({
    count: 6,
    bucketSeconds: 3600,
  })
  expect(between('2026-11-01T00:00:00Z', '2026-11-29T00:00:00Z').series.count).toBeLessThanOrEqual(120)
})

it('a chart of a time that begins within a bucket has the whole bucket', () => {
  const { series } = between('2026-11-29T08:07:00Z', '2026-11-29T14:01:00Z')
  expect([iso(series.from), series.count]).toEqual(['2026-11-29T08:05:00.000Z', 72])
})

it('a rate counts only the minutes that have passed', () => {
  // Seven and a half, and the second by which a row's time may lie ahead.
  expect(between('2026-11-29T16:00:00Z', '2026-11-29T17:00:00Z').minutes).toBeCloseTo(7.52, 1)
})
