import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createMissingJobTypes } from '@/prisma/seed/upsert-job-types'
import { createTestDatabase, type TestDatabase } from '@/scripts/test/database'
import { createDb, type Db } from '@/server/db'
import { cancelJob, getJob, installation, submitJob, submitJobs, type SubmitInput } from '@/server/engine'
import { createWorld, tester, unique, type World } from '@/server/engine/engine.fixture'
import { checkInvariants } from '@/server/engine/invariants'
import { SHIPPED_JOB_TYPES, jobType } from './handlers/job-types'

// Real worker processes, as `npm start` builds and starts them, on either store of BullMQ.

const FINAL = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 50 })

describe.each(['postgresql', 'redis'] as const)('workers with BullMQ on %s', (backend) => {
  let database: TestDatabase
  let db: Db
  let world: World
  let storage: string
  const workers = new Set<ChildProcess>()

  beforeAll(async () => {
    database = await createTestDatabase()
    db = createDb(database.url, { max: 4 })
    world = await createWorld(db, database.url)
    storage = await mkdtemp(path.join(tmpdir(), 'jobyard-files-'))
    await createMissingJobTypes(db, [
      ...SHIPPED_JOB_TYPES,
      jobType({ name: 'quick.retry', displayName: 'Quick', description: '', handler: 'sample.work', parameterSchema: {}, backoffBaseSeconds: 0, backoffCapSeconds: 0 }),
    ])
  })
  afterEach(async () => {
    await Promise.all([...workers].map((worker) => stop(worker)))
    expect(await checkInvariants(db)).toEqual([])
  })
  afterAll(async () => {
    await db.$disconnect()
    await database.drop()
    await rm(storage, { recursive: true, force: true })
  })

  function start(env: Record<string, string> = {}): ChildProcess {
    const worker = spawn(process.execPath, [path.join(process.env.TEST_DIST_DIR!, 'worker.mjs')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: database.url,
        REDIS_URL: backend === 'redis' ? process.env.TEST_REDIS_URL : '',
        STORAGE_DIR: storage,
        LOG_LEVEL: 'silent',
        ISOLATED_SLOTS: '2',
        ...env,
      },
    })
    workers.add(worker)
    worker.on('exit', () => workers.delete(worker))
    return worker
  }
  async function stop(worker: ChildProcess, signal: NodeJS.Signals = 'SIGKILL') {
    if (worker.exitCode !== null || worker.signalCode !== null) return
    worker.kill(signal)
    await once(worker, 'exit')
  }
  const submit = (job: SubmitInput) => submitJob(db, { organizationId: world.organizationId, job, actor: tester })
  const work = (parameters: Record<string, string | number>, rest: Partial<SubmitInput> = {}) =>
    submit({ jobType: 'sample.work', parameters: { ...parameters, ...unique() }, ...rest })
  const job = (id: string) => getJob(db, id, { all: true })
  const reached = (id: string, status: string, seconds = 30) =>
    vi.waitFor(async () => expect((await job(id)).status).toBe(status), within(seconds))
  /** RUNNING is not enough: a thread that has not begun yet hears its signal and ends at once. */
  const says = (id: string, message: string) =>
    vi.waitFor(async () => expect(await db.jobLog.count({ where: { jobId: id, message } })).toBe(1), within(30))
  const statuses = async (id: string) =>
    (await db.executionLog.findMany({ where: { jobId: id }, orderBy: { id: 'asc' } })).map(({ toStatus }) => toStatus)

  test('a job runs to its end with progress, log lines and result; failures are retried or final by class', async () => {
    start()
    const done = await submit({ jobType: 'sample.work', parameters: { durationMs: 200, progressSteps: 2, data: { x: [1] } } })
    const flaky = await submit({ jobType: 'quick.retry', parameters: { failAttempts: 2, ...unique() } })
    const broken = await work({ mode: 'permanent' })
    await Promise.all([reached(done.id, 'COMPLETED'), reached(flaky.id, 'COMPLETED'), reached(broken.id, 'DEAD_LETTER')])
    expect(await job(done.id)).toMatchObject({ progress: 100, result: { x: [1] }, attempt: 1, failures: 0 })
    expect(await statuses(done.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect(await db.jobLog.count({ where: { jobId: done.id } })).toBeGreaterThan(0)
    expect(await job(flaky.id)).toMatchObject({ attempt: 3, failures: 2 })
    expect((await db.jobAttempt.findMany({ where: { jobId: flaky.id }, orderBy: { attempt: 'asc' } })).map((a) => a.outcome)).toEqual(['FAILED', 'FAILED', 'COMPLETED'])
    expect(await statuses(broken.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'DEAD_LETTER'])
    expect((await job(broken.id)).error?.class).toBe('PERMANENT')
  })

  test('a cancel stops what listens, what is deaf and what spins; their threads are free again', async () => {
    start()
    const jobs = [await work({ durationMs: 60_000 }), await work({ mode: 'spin' })]
    await reached(jobs[0]!.id, 'RUNNING')
    await says(jobs[1]!.id, 'Spinning')
    const hanging = await work({ mode: 'hang' })
    for (const { id } of jobs) await cancelJob(db, { jobId: id, actor: tester, reason: 'no longer needed' })
    for (const { id } of jobs) await reached(id, 'CANCELED', 10)
    await says(hanging.id, 'Hanging, deaf to every signal')
    await cancelJob(db, { jobId: hanging.id, actor: tester })
    await reached(hanging.id, 'CANCELED', 10)
    const spun = await job(jobs[1]!.id)
    // Written only when the thread was gone: after the grace that a deaf handler gets.
    expect(spun.canceledAt!.getTime() - spun.cancelRequestedAt!.getTime()).toBeGreaterThan(4_500)
    expect(await job(jobs[0]!.id)).toMatchObject({ cancelReason: 'no longer needed', canceledBy: tester })
    const after = [await work({}), await work({}), await work({})]
    for (const { id } of after) await reached(id, 'COMPLETED')
  })

  test('a timeout stops a spinning handler and the worker goes on', async () => {
    start()
    const { id } = await work({ mode: 'spin' }, { timeoutSeconds: 1, maxRetries: 0 })
    await reached(id, 'DEAD_LETTER', 15)
    expect((await db.jobAttempt.findFirstOrThrow({ where: { jobId: id } })).outcome).toBe('TIMED_OUT')
    await reached((await work({})).id, 'COMPLETED')
  })

  test('the jobs of a worker that was killed are finished by the next, each once', async () => {
    const first = start()
    const jobs = [await work({ durationMs: 1_500 }), await work({ durationMs: 1_500 }), await work({})]
    await reached(jobs[0]!.id, 'RUNNING')
    await stop(first)
    start()
    for (const { id } of jobs) await reached(id, 'COMPLETED', 50)
    for (const { id } of jobs) expect((await statuses(id)).filter((status) => status === 'COMPLETED')).toHaveLength(1)
    expect((await db.jobAttempt.findFirstOrThrow({ where: { jobId: jobs[0]!.id, attempt: 1 } })).outcome).toBe('LOST')
    expect(await job(jobs[0]!.id)).toMatchObject({ failures: 0, attempt: 2 })
  })

  test('a drained worker finishes what is short and hands back what is long, without a failure', async () => {
    const worker = start({ DRAIN_SECONDS: '2' })
    const short = await work({ durationMs: 1_000 })
    const long = await work({ durationMs: 60_000 })
    await Promise.all([reached(short.id, 'RUNNING'), reached(long.id, 'RUNNING')])
    await stop(worker, 'SIGTERM')
    expect((await job(short.id)).status).toBe('COMPLETED')
    expect(await job(long.id)).toMatchObject({ status: 'PENDING', failures: 0, attempt: 1 })
    await cancelJob(db, { jobId: long.id, actor: tester })
  })

  test('a store that lost everything loses no job', async () => {
    // Slots are full, so that messages wait in the store when it is emptied.
    start()
    const busy = [await work({ durationMs: 3_000 }), await work({ durationMs: 3_000 })]
    const jobs = await submitJobs(db, {
      organizationId: world.organizationId,
      actor: tester,
      jobs: Array.from({ length: 40 }, () => ({ jobType: 'sample.work', parameters: unique() })),
    })
    await vi.waitFor(async () => expect(await db.job.count({ where: { status: { in: ['QUEUED', 'RUNNING'] } } })).toBeGreaterThan(0), within(20))
    await empty()
    for (const { id } of [...busy, ...jobs]) await reached(id, 'COMPLETED', 50)
  })

  test('2,000 short jobs are each completed once', async () => {
    const ids: string[] = []
    for (let i = 0; i < 2; i++) {
      const batch = Array.from({ length: 1000 }, () => ({ jobType: 'sample.noop', parameters: unique() }))
      ids.push(...(await submitJobs(db, { organizationId: world.organizationId, actor: tester, jobs: batch })).map(({ id }) => id))
    }
    start()
    start()
    await vi.waitFor(async () => expect(await db.job.count({ where: { id: { in: ids }, status: { notIn: ['COMPLETED'] } } })).toBe(0), within(50))
    expect(await db.executionLog.count({ where: { jobId: { in: ids }, toStatus: 'COMPLETED' } })).toBe(2000)
    expect(await db.executionLog.count({ where: { jobId: { in: ids }, toStatus: 'RUNNING' } })).toBe(2000)
  })

  test('an artifact is there when its job is COMPLETED; a canceled job leaves no file', async () => {
    start()
    const exported = await submit({ jobType: 'export.jobs', parameters: {} })
    const report = await submit({ jobType: 'report.operations', parameters: {} })
    await Promise.all([reached(exported.id, 'COMPLETED'), reached(report.id, 'COMPLETED')])
    for (const { id } of [exported, report]) expect((await job(id)).artifacts).toHaveLength(1)
    const again = await submit({ jobType: 'export.jobs', parameters: {}, dedupe: false })
    await cancelJob(db, { jobId: again.id, actor: tester }).catch(() => undefined)
    await vi.waitFor(async () => expect(FINAL).toContain((await job(again.id)).status), within(20))
    const named = await db.artifact.count()
    const files = (await readdir(storage, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect(files).toHaveLength(named)
  })

  async function empty(): Promise<void> {
    if (backend === 'redis') {
      const redis = new Redis(process.env.TEST_REDIS_URL!)
      // This database's part only: other tests share the server.
      const keys = await redis.keys(`jobyard-${await installation(db)}*`)
      if (keys.length > 0) await redis.del(keys)
      redis.disconnect()
    } else {
      const tables = await db.$queryRaw<{ name: string }[]>`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%' AND tablename NOT LIKE '%version%'`
      await db.$executeRawUnsafe(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`)
    }
  }
})
