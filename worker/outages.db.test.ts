import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createMissingJobTypes } from '@/prisma/seed/upsert-job-types'
import { createTestDatabase, type TestDatabase } from '@/scripts/test/database'
import { startRedis } from '@/scripts/test/redis.mjs'
import { createDb, type Db } from '@/server/db'
import {
  cancelJob,
  createCarrier,
  dispatchJobs,
  getJob,
  installation,
  returnToPending,
  submitJob,
  submitJobs,
  type Carrier,
  type SubmitInput,
} from '@/server/engine'
import { clearJobs, createWorld, history, tester, unique, type World } from '@/server/engine/engine.fixture'
import { checkInvariants } from '@/server/engine/invariants'
import { SHIPPED_JOB_TYPES } from './handlers/job-types'

// What a store that is away, slow or repeats itself must not do to jobs, with real worker processes.

const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 50 })

let database: TestDatabase
let db: Db
let world: World
let folder: string
const workers = new Set<ChildProcess>()

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 4 })
  world = await createWorld(db, database.url)
  folder = await mkdtemp(path.join(tmpdir(), 'jobyard-outages-'))
  await createMissingJobTypes(db, SHIPPED_JOB_TYPES)
})
afterEach(async () => {
  await Promise.all([...workers].map((worker) => stop(worker, 'SIGKILL')))
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})
afterAll(async () => {
  await db?.$disconnect()
  await database?.drop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

function start(redisUrl: string | undefined, env: Record<string, string> = {}): ChildProcess {
  const worker = spawn(process.execPath, [path.join(process.env.TEST_DIST_DIR!, 'worker.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl ?? '',
      STORAGE_DIR: path.join(folder, 'files'),
      LOG_LEVEL: 'silent',
      ISOLATED_SLOTS: '3',
      ...env,
    },
  })
  workers.add(worker)
  worker.on('exit', () => workers.delete(worker))
  return worker
}
async function stop(worker: ChildProcess, signal: NodeJS.Signals) {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  worker.kill(signal)
  await once(worker, 'exit')
}
const work = (parameters: Record<string, string | number> = {}, rest: Partial<SubmitInput> = {}) =>
  submitJob(db, { organizationId: world.organizationId, job: { jobType: 'sample.work', parameters: { ...parameters, ...unique() }, ...rest }, actor: tester })
const job = (id: string) => getJob(db, id, { all: true })
const reached = (id: string, status: string, seconds = 30) => vi.waitFor(async () => expect((await job(id)).status).toBe(status), within(seconds))

test('jobs submitted while Redis is away are accepted, wait, and run when it is back', async () => {
  const store = path.join(folder, 'redis')
  const first = await startRedis({ folder: store })
  const worker = start(first.url)
  await reached((await work()).id, 'COMPLETED')
  await first.stop()
  const ids = (
    await submitJobs(db, {
      organizationId: world.organizationId,
      actor: tester,
      jobs: Array.from({ length: 30 }, (_, n) => ({ jobType: n % 2 ? 'sample.work' : 'sample.noop', parameters: unique() })),
    })
  ).map(({ id }) => id)
  const canceled = ids.pop()!
  expect(await cancelJob(db, { jobId: canceled, actor: tester })).toMatchObject({ status: 'CANCELED' })
  // While it is away the dispatcher neither moves jobs to and fro nor dies.
  await vi.waitFor(async () => {
    const [row] = await db.$queryRaw<{ seen: boolean }[]>`SELECT max(last_seen_at) > min(j.created_at) + interval '3 seconds' AS seen FROM workers, jobs j WHERE j.id = ${canceled}::uuid`
    expect(row?.seen).toBe(true)
  }, within(20))
  expect(worker.exitCode).toBeNull()
  expect(await db.executionLog.count({ where: { jobId: { in: ids } } })).toBe(ids.length)
  const second = await startRedis({ folder: store, url: first.url })
  try {
    for (const id of ids) await reached(id, 'COMPLETED', 40)
    expect(await history(world, ids[0]!)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    await stop(worker, 'SIGTERM')
  } finally {
    await second.stop()
  }
})

describe.each(['postgresql', 'redis'] as const)('with BullMQ on %s', (backend) => {
  const redisUrl = () => (backend === 'redis' ? process.env.TEST_REDIS_URL : undefined)
  let carrier: Carrier
  beforeAll(async () => {
    carrier = createCarrier({ databaseUrl: database.url, redisUrl: redisUrl(), namespace: await installation(db), onError: () => undefined })
  })
  afterAll(() => carrier.close())

  test('old messages and repeated ones of a job run it once', async () => {
    await carrier.ready()
    const { id } = await work({ durationMs: 1_500 })
    const dispatched = async () => (await dispatchJobs(db, 'ISOLATED', 10)).find(({ jobId }) => jobId === id)!
    const old = await dispatched()
    await returnToPending(db, [old], 'Its message was lost')
    const present = await dispatched()
    await carrier.publish('ISOLATED', [
      { id: `${id}-both`, tickets: [old, present, present] },
      { id: `${id}-again`, tickets: [present] },
      { id: `${id}-old`, tickets: [old] },
    ])
    start(redisUrl())
    await reached(id, 'COMPLETED')
    // Each run says so as its first line, and lines are refused once the attempt has ended.
    const lines = await db.jobLog.findMany({ where: { jobId: id, message: { startsWith: 'Attempt 1:' } } })
    expect(lines).toHaveLength(1)
    expect(await db.jobAttempt.count({ where: { jobId: id } })).toBe(1)
  })

  test('a drain without patience hands everything back: no failure, and a cancel that was decided stays one', async () => {
    const worker = start(redisUrl(), { DRAIN_SECONDS: '0' })
    const [polite, deaf, canceled] = [await work({ durationMs: 60_000 }), await work({ mode: 'hang' }), await work({ mode: 'spin' })]
    for (const { id } of [polite, deaf, canceled]) await reached(id, 'RUNNING')
    await cancelJob(db, { jobId: canceled.id, actor: tester })
    await stop(worker, 'SIGTERM')
    for (const { id } of [polite, deaf]) {
      expect(await job(id)).toMatchObject({ status: 'PENDING', failures: 0, attempt: 1, error: null })
      expect(await history(world, id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'PENDING'])
    }
    expect((await job(canceled.id)).status).toBe('CANCELED')
    expect(await db.jobAttempt.findMany({ where: { jobId: { in: [polite.id, deaf.id] } } })).toMatchObject([{ outcome: 'HANDED_BACK' }, { outcome: 'HANDED_BACK' }])
    // Nothing of it is left in the store that would keep the jobs from running again.
    await cancelJob(db, { jobId: deaf.id, actor: tester })
    start(redisUrl())
    await reached(polite.id, 'RUNNING')
    expect((await job(polite.id)).attempt).toBe(2)
  })

  test('workers that come and go under load lose nothing and count no failure', async () => {
    const jobs = Array.from({ length: 120 }, (_, n) => ({ jobType: n % 3 ? 'sample.noop' : 'sample.work', parameters: { ...unique(), ...(n % 3 ? {} : { durationMs: 100 }) } }))
    const ids = (await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })).map(({ id }) => id)
    for (let round = 0; round < 3; round++) {
      const worker = start(redisUrl(), { DRAIN_SECONDS: '0' })
      await vi.waitFor(async () => expect(await db.jobAttempt.count({ where: { outcome: 'COMPLETED', jobId: { in: ids } } })).toBeGreaterThan(round * 20 + 10), within(30))
      await stop(worker, 'SIGTERM')
    }
    start(redisUrl())
    await vi.waitFor(async () => expect(await db.job.count({ where: { id: { in: ids }, status: { not: 'COMPLETED' } } })).toBe(0), within(50))
    expect(await db.job.count({ where: { id: { in: ids }, OR: [{ failures: { gt: 0 } }, { lost: { gt: 0 } }] } })).toBe(0)
  })
})
