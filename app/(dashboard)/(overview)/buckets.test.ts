import { expect, it } from 'vitest'
import { axisLabel, dayTicks, bucketAt, bucketLabel, bucketPath } from './buckets'

it('a bar of the chart leads to the jobs that were submitted in its time', () => {
  expect(bucketPath('2026-11-23T10:00:00.000Z', 300)).toBe(
    '/jobs?after=2026-11-23T10:00:00.000Z&before=2026-11-23T10:05:00.000Z',
  )
})

it('a bar of the chart is named by its span of time, or by its day', () => {
  expect(bucketLabel('2026-11-23T10:00:00.000Z', 300)).toMatch(/23.* – \d\d:05$/)
  expect(bucketLabel('2026-11-23T12:00:00.000Z', 86_400)).not.toMatch(/–/)
})

it('a click on the chart finds the bar under it', () => {
  const plot = { left: 40, right: 240 }
  expect([39, 40, 89, 91, 240, 241].map((x) => bucketAt(x, plot, 4, true))).toEqual([null, 0, 0, 1, 3, null])
  expect([40, 70, 110, 240].map((x) => bucketAt(x, plot, 5, false))).toEqual([0, 1, 1, 4])
  expect(bucketAt(100, plot, 0, true)).toBeNull()
})

it('the axis names each day once, where it begins', () => {
  const ats = Array.from({ length: 84 }, (_, n) => new Date(Date.UTC(2026, 10, 22, 2) + n * 7_200_000).toISOString())
  const ticks = dayTicks(ats, '7d')!
  const labels = ticks.map((at) => axisLabel(at, '7d'))
  // Seven, and six where the reader's day begins with the first.
  expect(ticks.length).toBeGreaterThanOrEqual(6)
  expect(new Set(labels).size).toBe(ticks.length)
  for (const at of ticks) expect(axisLabel(ats[ats.indexOf(at) - 1]!, '7d')).not.toBe(axisLabel(at, '7d'))
  expect(dayTicks(ats, '24h')).toBeUndefined()
})
