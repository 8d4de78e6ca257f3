import { rmSync } from 'node:fs'
import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '@/launcher/migrations.mjs'
import { createDb, type Db } from '@/server/db'
import { createTestDatabase, type TestDatabase } from '@/testing/database'
import { migrationsAnd } from './migrations.fixture'

// A migration that takes something away, beside processes of the release before it.

let database: TestDatabase
/** Its connections count as those of a web process of the release before. */
let db: Db
let folder: string
const NAME = '99990101000000_no_longer'

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 2, applicationName: 'jobyard-web' })
  folder = migrationsAnd(
    NAME,
    '-- contract: nobody reads it any more\nALTER TABLE "workers" DROP COLUMN "drain_reason";\n',
  )
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

/** `stopMs`: how long it waits for the processes of the release before to stop. */
const contract = (more: object = {}) => migrate(database.url, { bullmq: false, folder, stopMs: 200, ...more })
const columns = async () => {
  const client = new pg.Client({ connectionString: database.url, application_name: 'a person' })
  await client.connect()
  const { rows } = await client.query("SELECT 1 FROM information_schema.columns WHERE column_name = 'drain_reason'")
  await client.end()
  return rows.length
}

test('a migration that takes something away waits for processes of the release before it, and names those that run', async () => {
  const id = uuidv7()
  await db.worker.create({ data: { id, host: 'old-host', pid: 4711, isolatedSlots: 1, inlineSlots: 1 } })
  const refused = contract()
  await expect(refused).rejects.toThrow(`Migration ${NAME} takes something away`)
  await expect(refused).rejects.toThrow(/worker 4711 on old-host; \d+ connections? of Jobyard from 127\.0\.0\.1/)
  expect(await columns()).toBe(1)

  // A worker that has stopped, or was not seen for long, does not count. A process that stops meanwhile is waited for.
  await db.worker.update({ where: { id }, data: { stoppedAt: new Date() }, select: { id: true } })
  await expect(contract()).rejects.toThrow(/such run: \d+ connections? of Jobyard/)
  const waiting = contract({ stopMs: 60_000 })
  await db.$disconnect()
  // A process of this release that waits for the migration only looks at the schema. It is no reason to wait.
  const looking = createDb(database.url, { max: 1, applicationName: 'jobyard-check' })
  await looking.$queryRaw`SELECT 1 AS one`
  expect(await waiting).toEqual([NAME])
  expect(await columns()).toBe(0)
  await looking.$disconnect()
})

test('a contracting migration does not wait for old processes with --force', async () => {
  const other = await createTestDatabase()
  const old = createDb(other.url, { max: 1, applicationName: 'jobyard-web' })
  await old.$queryRaw`SELECT 1 AS one`
  await expect(migrate(other.url, { bullmq: false, folder, stopMs: 0 })).rejects.toThrow('add --force')
  expect(await migrate(other.url, { bullmq: false, folder, force: true })).toEqual([NAME])
  await old.$disconnect()
  await other.drop()
})
