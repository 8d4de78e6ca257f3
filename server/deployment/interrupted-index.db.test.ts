import { rmSync } from 'node:fs'
import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import { migrate } from '@/launcher/migrations.mjs'
import { openDatabase } from '@/testing/open-database'
import { migrationsAnd } from './migrations.fixture'

// Of launcher/migrations.mjs.

const { db, database } = await openDatabase()

test('a migration that was interrupted while it made an index beside the work of others begins anew', async () => {
  const name = '99990101000000_one_worker_a_host'
  const folder = migrationsAnd(
    name,
    '-- expand\nCREATE UNIQUE INDEX CONCURRENTLY "one_worker_a_host" ON "workers" ("host");\n',
  )
  const again = () => migrate(database.url, { bullmq: false, folder })
  const valid = async () =>
    (
      await db.$queryRaw<
        { valid: boolean }[]
      >`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('one_worker_a_host')`
    )[0]?.valid
  try {
    // Two workers of one host, which have stopped: the index cannot be made. What PostgreSQL and the ledger keep is the
    // same as after a process that was killed meanwhile.
    const workers = [uuidv7(), uuidv7()]
    for (const id of workers)
      await db.worker.create({
        data: { id, host: 'same', pid: 1, isolatedSlots: 1, inlineSlots: 1, stoppedAt: new Date() },
      })
    await expect(again()).rejects.toThrow(`Migration ${name} failed: could not create unique index`)
    expect(await valid()).toBe(false)

    await db.worker.delete({ where: { id: workers[0]! } })
    expect(await again()).toEqual([name])
    expect(await valid()).toBe(true)
    expect(await again()).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
