import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { claimSecret, readSchemaState, releaseSecret } from '@/server/engine'
import { createDb, type Db } from '@/server/db'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@/testing/database'
import { startRedis } from '@/testing/redis.mjs'
import { findProblems } from './at-start'
import { ownMigrations } from './own-migrations'

let database: TestDatabase
let db: Db
let folder: string
let redis: Awaited<ReturnType<typeof startRedis>>
const secret = () => randomBytes(24).toString('base64')

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 2 })
  folder = mkdtempSync(path.join(tmpdir(), 'jobyard-deployment-'))
  // A Redis for this file alone, because a test changes its policy.
  redis = await startRedis({ folder: path.join(folder, 'redis') })
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => db.$executeRaw`TRUNCATE deployment_secrets`)

const problems = (more: object = {}) => findProblems({ databaseUrl: database.url, ...more })

test('where everything is right, nothing is found', async () => {
  expect(
    await problems({
      redisUrl: redis.url,
      storage: { directory: path.join(folder, 'files') },
      secrets: { NEXTAUTH_SECRET: secret() },
    }),
  ).toEqual([])
})

test('a database without tables waits for its migrations, and the line says how', async () => {
  const empty = await createEmptyDatabase()
  try {
    const [problem, ...others] = await findProblems({ databaseUrl: empty.url })
    expect(others).toEqual([])
    expect(problem).toMatchObject({ about: 'schema', mayPass: true })
    expect(problem?.message).toContain('npm run db:migrate')
  } finally {
    await empty.drop()
  }
})

test('a database that a newer version has migrated is refused, unless that only expanded it', async () => {
  const name = '99991231000000_of_tomorrow'
  await db.$executeRaw`
    INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('tomorrow', '', ${name}, now())`
  try {
    expect(await problems()).toMatchObject([{ about: 'schema', mayPass: false }])
    await db.$executeRaw`INSERT INTO expanding_migrations (name) VALUES (${name})`
    expect(await problems()).toEqual([])
    expect(await readSchemaState(db, ownMigrations())).toMatchObject({ state: 'newer', serves: true })
  } finally {
    await db.$executeRaw`DELETE FROM _prisma_migrations WHERE id = 'tomorrow'`
    await db.$executeRaw`DELETE FROM expanding_migrations WHERE name = ${name}`
  }
})

test('a database that does not answer may come up later', async () => {
  expect(await findProblems({ databaseUrl: 'postgresql://nobody:nothing@127.0.0.1:1/none' })).toMatchObject([
    { about: 'database', mayPass: true },
  ])
})

test('a Redis that may throw work away is refused with the setting to change, and one that is away may come up later', async () => {
  const client = new Redis(redis.url)
  try {
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const [problem] = await problems({ redisUrl: redis.url })
    expect(problem).toMatchObject({ about: 'queue store', mayPass: false })
    expect(problem?.message).toContain('its maxmemory-policy is allkeys-lru. Set it to noeviction')
  } finally {
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    client.disconnect()
  }
  expect(await problems({ redisUrl: 'redis://127.0.0.1:1' })).toMatchObject([{ about: 'queue store', mayPass: true }])
})

test('a folder that cannot be written to is found, and waiting does not mend it', async () => {
  writeFileSync(path.join(folder, 'a-file'), '')
  const [problem] = await problems({ storage: { directory: path.join(folder, 'a-file', 'storage') } })
  expect(problem).toMatchObject({ about: 'storage', mayPass: false })
})

test('a process with another secret than a live one is refused, until that one has stopped or was silent for 90 s', async () => {
  const [first, second] = [secret(), secret()]
  expect(await claimSecret(db, 'NEXTAUTH_SECRET', first)).toBe(true)
  expect(await problems({ secrets: { NEXTAUTH_SECRET: first } })).toEqual([])
  const [problem] = await problems({ secrets: { NEXTAUTH_SECRET: second } })
  expect(problem).toMatchObject({ about: 'secrets', mayPass: false })
  expect(problem?.message).toContain('NEXTAUTH_SECRET differs')
  expect(problem?.message).not.toContain(second)
  expect(await claimSecret(db, 'NEXTAUTH_SECRET', second)).toBe(false)

  await releaseSecret(db, 'NEXTAUTH_SECRET', first)
  expect(await problems({ secrets: { NEXTAUTH_SECRET: second } })).toEqual([])
  expect(await claimSecret(db, 'NEXTAUTH_SECRET', second)).toBe(true)
  await db.$executeRaw`UPDATE deployment_secrets SET seen_at = now() - interval '91 seconds'`
  expect(await claimSecret(db, 'NEXTAUTH_SECRET', first)).toBe(true)
})
