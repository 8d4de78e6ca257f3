import { expect, it } from 'vitest'
import { bucketLabel, bucketPath } from './buckets'

it('leads from a bucket to the jobs submitted in it', () => {
  expect(bucketPath('2026-11-23T10:00:00.000Z', 300)).toBe('/jobs?after=2026-11-23T10:00:00.000Z&before=2026-11-23T10:05:00.000Z')
})

it('names a bucket by its span, or by its day', () => {
  expect(bucketLabel('2026-11-23T10:00:00.000Z', 300)).toMatch(/23.* – \d\d:05$/)
  expect(bucketLabel('2026-11-23T12:00:00.000Z', 86_400)).not.toMatch(/–/)
})
