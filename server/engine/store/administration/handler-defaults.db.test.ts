import { expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { jobType } from '../../domain/job-type-config'
import { defaultsOf, storeDefaults } from './handler-defaults'

const { db } = await openDatabase({ max: 2 })
const defaults = jobType({
  name: 'with',
  displayName: 'With defaults',
  description: '',
  parameterSchema: { type: 'object' },
})

test('what files of handlers say is stored, and a row is written only where its file says something else', async () => {
  await db.$executeRaw`INSERT INTO handlers (key, queue, seen_at) VALUES ('with', 'INLINE', now()), ('without', 'INLINE', now())`
  /** The transactions that wrote the rows. */
  const writers = async () =>
    (await db.$queryRaw<{ xmin: string }[]>`SELECT xmin::text FROM handlers ORDER BY key`).map(({ xmin }) => xmin)
  const files = [
    { key: 'with', defaults },
    { key: 'without', defaults: null },
  ]
  const before = await writers()
  await storeDefaults(db, files)
  const [withDefaults, withoutDefaults] = await writers()
  expect(withDefaults).not.toBe(before[0])
  expect(withoutDefaults).toBe(before[1])
  expect(await defaultsOf(db, ['with', 'without', 'unknown'])).toEqual(new Map([['with', defaults]]))

  // As at the next start of a worker.
  await storeDefaults(db, files)
  expect(await writers()).toEqual([withDefaults, withoutDefaults])

  await storeDefaults(db, [{ key: 'with', defaults: null }])
  expect(await defaultsOf(db, ['with', 'without'])).toEqual(new Map())
})
