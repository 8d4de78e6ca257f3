import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimSecret } from '@/server/engine'
import { createDb, type Db } from '@/server/db'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@/testing/database'
import { startRedis } from '@/testing/redis.mjs'

let database: TestDatabase
let empty: TestDatabase
let db: Db
let redis: Awaited<ReturnType<typeof startRedis>>
const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-doctor-'))
const NEWER = '99991231000000_of_tomorrow'

beforeAll(async () => {
  database = await createTestDatabase()
  empty = await createEmptyDatabase()
  db = createDb(database.url, { max: 2 })
  redis = await startRedis({ folder: path.join(folder, 'redis') })
  writeFileSync(path.join(folder, 'a-file'), '')
})
afterAll(async () => {
  await db.$disconnect()
  await Promise.all([database.drop(), empty.drop(), redis.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** A set-up in which nothing is wrong. */
const good = () => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  STORAGE_DIR: path.join(folder, 'files'),
  NEXTAUTH_URL: 'https://jobs.example.com',
  NEXTAUTH_SECRET: randomBytes(32).toString('base64'),
  HTTP_REQUEST_SECRET: randomBytes(32).toString('base64'),
})

/** Runs a built program in a process of its own, as `node dist/…` does. */
function run(name: string, env: Record<string, string>, ...args: string[]) {
  const file = path.join(process.env.TEST_DIST_DIR!, name)
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env }, timeout: 50_000 },
      // A program that a signal ended has null as its code, and that is not 0.
      (error, out, err) => resolve({ code: !error ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
    )
  })
}

const wrongPassword = () => {
  const url = new URL(database.url)
  url.password = 'wrong'
  return url.href
}
const redisPolicy = async (policy: string) => {
  const client = new Redis(redis.url)
  await client.config('SET', 'maxmemory-policy', policy)
  client.disconnect()
}
const anything = async () => undefined

test('the doctor finds nothing in a set-up where nothing is wrong', async () => {
  const { code, out } = await run('doctor.mjs', good())
  expect(out.trim().split('\n')).toEqual(
    ['database', 'pooler', 'schema', 'clock', 'secrets', 'queue store', 'storage'].map((about) => `✓ ${about}`),
  )
  expect(code).toBe(0)
})

interface Broken {
  /** A worker is started in it, too. Each takes seconds, so only some rows have one. */
  alsoWorker?: true
  what: string
  env: () => Record<string, string>
  line: RegExp
  make?: () => Promise<unknown>
  mend?: () => Promise<unknown>
}
const broken: Broken[] = [
  {
    what: 'no PostgreSQL',
    env: () => ({ DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/c' }),
    line: /PostgreSQL does not answer/,
  },
  { what: 'a wrong password', env: () => ({ DATABASE_URL: wrongPassword() }), line: /password authentication failed/ },
  {
    alsoWorker: true,
    what: 'a database without tables',
    env: () => ({ DATABASE_URL: empty.url }),
    line: /npm run db:migrate/,
  },
  {
    what: 'a database of a newer version',
    env: () => ({}),
    line: /newer/,
    make: () => db.$executeRaw`
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('tomorrow', '', ${NEWER}, now())`,
    mend: () => db.$executeRaw`DELETE FROM _prisma_migrations WHERE id = 'tomorrow'`,
  },
  {
    alsoWorker: true,
    what: 'a secret that a live process has differently',
    env: () => ({}),
    line: /HTTP_REQUEST_SECRET differs from that of other processes/,
    // As a process does that was started with another secret.
    make: () => claimSecret(db, 'HTTP_REQUEST_SECRET', randomBytes(32).toString('base64')),
    mend: () => db.$executeRaw`TRUNCATE deployment_secrets`,
  },
  { what: 'no Redis', env: () => ({ REDIS_URL: 'redis://127.0.0.1:1' }), line: /Redis does not answer/ },
  {
    alsoWorker: true,
    what: 'a Redis that may throw work away',
    env: () => ({}),
    line: /maxmemory-policy is allkeys-lru\. Set it to noeviction/,
    make: () => redisPolicy('allkeys-lru'),
    mend: () => redisPolicy('noeviction'),
  },
  {
    what: 'files that cannot be written',
    env: () => ({ STORAGE_DIR: path.join(folder, 'a-file', 'files') }),
    line: /a-file/,
  },
  {
    what: 'a secret that anybody could guess',
    env: () => ({ HTTP_REQUEST_SECRET: 'x'.repeat(40) }),
    line: /HTTP_REQUEST_SECRET/,
  },
]

test.each(broken)(
  'with $what the doctor says so, and so does a worker that is started by itself, where the row has one',
  async ({ alsoWorker, env, line, make = anything, mend = anything }) => {
    await make()
    try {
      const variables = { ...good(), ...env() }
      const [doctor, worker] = await Promise.all([
        run('doctor.mjs', variables),
        alsoWorker ? run('worker.mjs', variables) : null,
      ])
      expect(doctor.code).toBe(1)
      expect(doctor.out + doctor.err).toMatch(line)
      if (!worker) return
      expect(worker.code).toBe(1)
      expect(worker.err.trim().split('\n').length).toBe(1)
      expect(worker.err).toMatch(line)
    } finally {
      await mend()
    }
  },
)
