import { expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { BUCKET_BOUNDS } from '../../domain/histogram'

const { db } = await openDatabase({ max: 1 })

test('PostgreSQL puts a duration into the bucket whose bounds lie around it, so that sums of buckets can be read as a histogram', async () => {
  const values = [0, 0.0005, ...BUCKET_BOUNDS.flatMap((bound) => [bound * 0.999, bound, bound * 1.001]), 1e9]
  const rows = await db.$queryRaw<{ bucket: number }[]>`
    SELECT width_bucket(value, ${[...BUCKET_BOUNDS]}::double precision[]) AS bucket
    FROM unnest(${values}::double precision[]) WITH ORDINALITY AS given(value, place) ORDER BY place`
  const expected = values.map((value) => BUCKET_BOUNDS.filter((bound) => bound <= value).length)
  expect(rows.map(({ bucket }) => bucket)).toEqual(expected)
})
