import { expect, it } from 'vitest'
import { bucketAt, bucketLabel, bucketPath } from './buckets'

it('leads from a bucket to the jobs submitted in it', () => {
  expect(bucketPath('2026-11-23T10:00:00.000Z', 300)).toBe('/jobs?after=2026-11-23T10:00:00.000Z&before=2026-11-23T10:05:00.000Z')
})

it('names a bucket by its span, or by its day', () => {
  expect(bucketLabel('2026-11-23T10:00:00.000Z', 300)).toMatch(/23.* – \d\d:05$/)
  expect(bucketLabel('2026-11-23T12:00:00.000Z', 86_400)).not.toMatch(/–/)
})

it('finds the bucket under a click', () => {
  const plot = { left: 40, right: 240 }
  expect([39, 40, 89, 91, 240, 241].map((x) => bucketAt(x, plot, 4, true))).toEqual([null, 0, 0, 1, 3, null])
  expect([40, 70, 110, 240].map((x) => bucketAt(x, plot, 5, false))).toEqual([0, 1, 1, 4])
  expect(bucketAt(100, plot, 0, true)).toBeNull()
})
