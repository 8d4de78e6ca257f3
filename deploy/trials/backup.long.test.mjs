import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { run, until } from '../../launcher/processes.mjs'
import { startDebianPostgres } from '../../testing/postgres.mjs'
import { startRedis } from '../../testing/redis.mjs'
import { install } from './installation.mjs'
import { audit, startLoad } from './load.mjs'

const folder = process.env.TEST_FOLDER ?? ''
/** @type {(() => Promise<unknown>)[]} */
const endings = []
afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

/** @param {string} command */
const shell = async (command) => {
  const { code, output } = await run('bash', ['-euc', command])
  expect(code, output).toBe(0)
}

test('a dump that was taken under load, restored with its files and an empty Redis, finishes its jobs and has its files', async () => {
  const postgres = await startDebianPostgres(
    path.join(folder, 'backup-postgres'),
    (supervisor) => void endings.push(() => supervisor.stop()),
  )
  const redis = await startRedis({ folder: path.join(folder, 'backup-redis') })
  endings.push(() => redis.stop())
  const data = path.join(folder, 'backup-data')
  mkdirSync(data)
  const jobyard = await install({
    clone: process.env.TEST_CLONE ?? '',
    databaseUrl: postgres.url,
    folder: data,
    redisUrl: redis.url,
  })
  endings.push(jobyard.stop)
  const web = await jobyard.web()
  const worker = await jobyard.worker('before')
  const { id: organizationId } = await jobyard.call(web.url, 'organizations.create', { name: 'Acme', slug: 'acme' })
  const { id: reportId } = await jobyard.call(web.url, 'jobs.submit', {
    organizationId,
    jobType: 'report.operations',
    parameters: {},
  })
  /** @param {string} url @param {string} id */
  const read = async (url, id) => {
    const input = encodeURIComponent(JSON.stringify({ jobId: id }))
    const headers = { authorization: `Bearer ${jobyard.key}` }
    return (await (await fetch(`${url}/api/trpc/jobs.get?input=${input}`, { headers })).json()).result.data
  }
  expect(await until(async () => (await read(web.url, reportId)).status === 'COMPLETED', 90_000, 500)).toBe(true)
  const load = startLoad({ urls: [web.url], key: jobyard.key, organizationId })
  await sleep(5_000)
  // Work that has not begun, so that the dump holds something to finish.
  await jobyard.call(web.url, 'control.pause', { scope: 'jobType', jobType: 'sample.work' })
  await sleep(2_000)

  // The database first: a file that is made between the two is one too many, and none is missing.
  await shell(`pg_dump --format=custom --file='${folder}/jobyard.dump' '${postgres.url}'`)
  await shell(`tar --create --file='${folder}/files.tar' --directory='${jobyard.env.STORAGE_DIR}' .`)
  await load.stop()
  await Promise.all([worker.stop(), web.process.stop()])

  // As if everything were lost but the two files: another database, another folder, and a Redis without keys.
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  await admin.query('CREATE DATABASE restored')
  await admin.end()
  const restored = new URL(postgres.url)
  restored.pathname = '/restored'
  await shell(`pg_restore --exit-on-error --no-owner --dbname='${restored.href}' '${folder}/jobyard.dump'`)
  const files = path.join(data, 'restored-files')
  await shell(`mkdir '${files}' && tar --extract --file='${folder}/files.tar' --directory='${files}'`)
  const store = new Redis(redis.url)
  await store.flushall()
  store.disconnect()

  // The processes that start from here on read this.
  Object.assign(jobyard.env, { DATABASE_URL: restored.href, STORAGE_DIR: files })
  const client = new pg.Client({ connectionString: restored.href })
  await client.connect()
  const ids = (await client.query('SELECT id FROM jobs')).rows.map(({ id }) => id)
  const unfinished = (await client.query("SELECT count(*)::int AS n FROM jobs WHERE status <> 'COMPLETED'")).rows[0].n
  await client.end()
  expect(unfinished).toBeGreaterThan(10)
  const after = await jobyard.web()
  await jobyard.worker('after')
  await jobyard.call(after.url, 'control.resume', { scope: 'jobType', jobType: 'sample.work' })
  // Of the map, `audit` reads the ids alone.
  const result = await audit(restored.href, new Map(ids.map((id) => [id, id])))
  process.stdout.write(`restored: ${JSON.stringify({ ...result, unfinishedInDump: unfinished })}\n`)
  expect(result).toMatchObject({ lost: 0, doubled: 0, stuck: 0 })
  const { artifacts } = await read(after.url, reportId)
  const file = await fetch(new URL(artifacts[0].url, after.url), {
    headers: { authorization: `Bearer ${jobyard.key}` },
  })
  expect(
    Buffer.from(await file.arrayBuffer())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-')
})
