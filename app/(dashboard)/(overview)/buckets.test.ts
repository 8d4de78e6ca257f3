import { expect, it } from 'vitest'
import { axisLabel, dayTicks, bucketAt, bucketLabel, bucketPath, standsAlone } from './buckets'

it('a figure of a bar links to the jobs that it counts: those submitted or completed in its time', () => {
  const at = '2026-11-23T10:00:00.000Z'
  expect(bucketPath(at, 300, 'submitted')).toBe('/jobs?after=2026-11-23T10:00:00.000Z&before=2026-11-23T10:05:00.000Z')
  expect(bucketPath(at, 300, 'completed')).toBe(
    '/jobs?status=COMPLETED&endedAfter=2026-11-23T10:00:00.000Z&endedBefore=2026-11-23T10:05:00.000Z',
  )
})

it('a value between two gaps gets a dot, because a line through one point cannot be seen', () => {
  const points = [1, null, 2, null, 3, 4, null, null, 5].map((p50) => ({ p50 }))
  expect(points.map((_, at) => standsAlone(points, 'p50', at))).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
    false,
    false,
    true,
  ])
})

it('the label of a bar is its span of time, or its day', () => {
  expect(bucketLabel('2026-11-23T10:00:00.000Z', 300)).toMatch(/23.* – \d\d:05$/)
  expect(bucketLabel('2026-11-23T12:00:00.000Z', 86_400)).not.toMatch(/–/)
})

it('a click on the chart finds the bar below it', () => {
  const plot = { left: 40, right: 240 }
  expect([39, 40, 89, 91, 240, 241].map((x) => bucketAt(x, plot, 4, true))).toEqual([null, 0, 0, 1, 3, null])
  expect([40, 70, 110, 240].map((x) => bucketAt(x, plot, 5, false))).toEqual([0, 1, 1, 4])
  expect(bucketAt(100, plot, 0, true)).toBeNull()
})

it('the axis shows each day once, where the day begins', () => {
  const ats = Array.from({ length: 84 }, (_, n) => new Date(Date.UTC(2026, 10, 22, 2) + n * 7_200_000).toISOString())
  const ticks = dayTicks(ats, '7d')!
  const labels = ticks.map((at) => axisLabel(at, '7d'))
  // There are seven, or six where the first bucket begins exactly with the reader's day.
  expect(ticks.length).toBeGreaterThanOrEqual(6)
  expect(new Set(labels).size).toBe(ticks.length)
  for (const at of ticks) expect(axisLabel(ats[ats.indexOf(at) - 1]!, '7d')).not.toBe(axisLabel(at, '7d'))
  expect(dayTicks(ats, '24h')).toBeUndefined()
})
