import { expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { adoptHandlerDefaults } from '../../actions/administration/handler-defaults'
import { jobType } from '../../domain/job-type-config'
import { defaultsOf } from './handler-defaults'

const { db } = await openDatabase({ max: 2 })
/** A worker that is not registered. So no worker is alive that has other defaults. */
const WORKER = '01900000-0000-7000-8000-000000000001'
const defaults = jobType({
  name: 'with',
  displayName: 'With defaults',
  description: '',
  parameterSchema: { type: 'object' },
})

test('the defaults in the files of handlers are stored, and a row is written only where they have changed', async () => {
  await db.$executeRaw`INSERT INTO handlers (key, queue, seen_at) VALUES ('with', 'INLINE', now()), ('without', 'INLINE', now())`
  /** PostgreSQL's number of the transaction that wrote each row last. It changes with every write. */
  const writers = async () =>
    (await db.$queryRaw<{ xmin: string }[]>`SELECT xmin::text FROM handlers ORDER BY key`).map(({ xmin }) => xmin)
  const handlers = [
    { key: 'with', queue: 'INLINE' as const, jobType: defaults },
    { key: 'without', queue: 'INLINE' as const, jobType: null },
  ]
  const before = await writers()
  await adoptHandlerDefaults(db, WORKER, handlers)
  const [withDefaults, withoutDefaults] = await writers()
  expect(withDefaults).not.toBe(before[0])
  expect(withoutDefaults).toBe(before[1])
  expect(await defaultsOf(db, ['with', 'without', 'unknown'])).toEqual(new Map([['with', defaults]]))

  // As at the next start of a worker.
  await adoptHandlerDefaults(db, WORKER, handlers)
  expect(await writers()).toEqual([withDefaults, withoutDefaults])
})
