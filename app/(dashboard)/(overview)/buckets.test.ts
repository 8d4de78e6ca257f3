import { expect, it } from 'vitest'
import { bucketAt, bucketLabel, nearestBucket, spanLabel, standsAlone } from './buckets'

it('a chosen time is labelled with its day once, or with both days if it reaches into another day', () => {
  const label = (from: string, to: string) => spanLabel({ from: new Date(from), to: new Date(to) })
  expect(label('2026-11-28T14:00', '2026-11-28T16:00')).toBe('Nov 28, 14:00 – 16:00')
  expect(label('2026-11-28T22:00', '2026-11-29T02:00')).toBe('Nov 28, 22:00 – Nov 29, 02:00')
  expect(label('2026-11-28T22:00', '2026-11-29T00:00')).toBe('Nov 28, 22:00 – 00:00')
})

it('a drag that leaves the plot ends at its edge', () => {
  const plot = { left: 40, right: 240 }
  expect([0, 40, 300].map((x) => nearestBucket(x, plot, 4, true))).toEqual([0, 0, 3])
  expect(nearestBucket(100, plot, 0, true)).toBeNull()
})

it('a value with a gap or the end of the chart on each side gets a dot, because a line through one point cannot be seen', () => {
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
