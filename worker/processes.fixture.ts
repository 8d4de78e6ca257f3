import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { cancelJob, installation, submitJob, submitJobs } from '@/server/engine'
import { history, tester, unique } from '@/testing/engine'
import { SHIPPED_JOB_TYPES } from './catalog/catalog'
import { jobType } from '@/server/engine/domain/job-type-config'
import { createStage, within, type Stage } from './stage.fixture'

const FINAL = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']

/**
 * The tests of real worker processes, as `npm start` builds and starts them. They are the same on both stores of BullMQ.
 * Each store has a test file of its own, so that both can run at the same time.
 */
export function testWorkerProcesses(backend: 'postgresql' | 'redis'): void {
  let stage: Stage

  beforeAll(async () => {
    stage = await createStage([
      ...SHIPPED_JOB_TYPES,
      jobType({
        name: 'quick.retry',
        displayName: 'Quick',
        description: '',
        handler: 'sample.work',
        parameterSchema: {},
        backoffBaseSeconds: 0,
        backoffCapSeconds: 0,
      }),
    ])
  })
  afterEach(() => stage.clear())
  afterAll(() => stage?.close())

  const start = (env: Record<string, string> = {}) =>
    stage.start(backend === 'redis' ? process.env.TEST_REDIS_URL : undefined, env)

  test('canceled jobs, waiting ones and running ones, are no warning in the log of the worker', async () => {
    let heard = ''
    stage.start(
      backend === 'redis' ? process.env.TEST_REDIS_URL : undefined,
      { LOG_LEVEL: 'warn', ISOLATED_SLOTS: '2' },
      { hear: (text) => (heard += text) },
    )
    const jobs = await Promise.all(
      Array.from({ length: 6 }, () => stage.work({ durationMs: 60_000, progressSteps: 1 })),
    )
    await vi.waitFor(async () => {
      const running = await stage.db.job.count({ where: { id: { in: jobs.map(({ id }) => id) }, status: 'RUNNING' } })
      // One slot may be kept for organizations that have nothing in it.
      expect(running).toBeGreaterThan(0)
    }, within(40))
    for (const { id } of jobs) await cancelJob(stage.db, { jobId: id, actor: tester })
    await Promise.all(jobs.map(({ id }) => stage.reached(id, 'CANCELED')))
    // The worker goes on, and would have said by then what its messages came to.
    await stage.reached((await stage.work()).id, 'COMPLETED')
    expect(heard).toBe('')
  })

  test('a job runs to its end with progress, log lines and result; failures are retried or final by class', async () => {
    start()
    const done = await stage.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 200, progressSteps: 2, data: { x: [1] } },
    })
    const flaky = await stage.submit({ jobType: 'quick.retry', parameters: { failAttempts: 2, ...unique() } })
    const broken = await stage.work({ mode: 'permanent' })
    await Promise.all([
      stage.reached(done.id, 'COMPLETED'),
      stage.reached(flaky.id, 'COMPLETED'),
      stage.reached(broken.id, 'DEAD_LETTER'),
    ])
    expect(await stage.job(done.id)).toMatchObject({ progress: 100, result: { x: [1] }, attempt: 1, failures: 0 })
    expect(await history(stage.world, done.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect(await stage.db.jobLog.count({ where: { jobId: done.id } })).toBeGreaterThan(0)
    expect(await stage.job(flaky.id)).toMatchObject({ attempt: 3, failures: 2 })
    expect(
      (await stage.db.jobAttempt.findMany({ where: { jobId: flaky.id }, orderBy: { attempt: 'asc' } })).map(
        (a) => a.outcome,
      ),
    ).toEqual(['FAILED', 'FAILED', 'COMPLETED'])
    expect(await history(stage.world, broken.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'DEAD_LETTER'])
    expect((await stage.job(broken.id)).error?.class).toBe('PERMANENT')
  })

  test('a cancel stops what listens, what is deaf and what spins; their threads are free again', async () => {
    start()
    // Of two organizations. The second slot may be kept for those that have nothing running.
    const spinning = submitJob(stage.db, {
      organizationId: stage.world.otherOrganizationId,
      job: { jobType: 'sample.work', parameters: { mode: 'spin', ...unique() } },
      actor: tester,
    })
    const jobs = [await stage.work({ durationMs: 60_000 }), await spinning]
    await stage.reached(jobs[0]!.id, 'RUNNING')
    await stage.hasLogged(jobs[1]!.id, 'Spinning')
    const hanging = await stage.work({ mode: 'hang' })
    for (const { id } of jobs) await cancelJob(stage.db, { jobId: id, actor: tester, reason: 'no longer needed' })
    for (const { id } of jobs) await stage.reached(id, 'CANCELED', 10)
    await stage.hasLogged(hanging.id, 'Hanging, ignoring every signal')
    await cancelJob(stage.db, { jobId: hanging.id, actor: tester })
    await stage.reached(hanging.id, 'CANCELED', 10)
    const spun = await stage.job(jobs[1]!.id)
    // CANCELED is written only when the thread is gone, which is after the 5 s that a deaf handler gets.
    expect(spun.canceledAt!.getTime() - spun.cancelRequestedAt!.getTime()).toBeGreaterThan(4_500)
    expect(await stage.job(jobs[0]!.id)).toMatchObject({ cancelReason: 'no longer needed', canceledBy: tester })
    const after = [await stage.work({}), await stage.work({}), await stage.work({})]
    for (const { id } of after) await stage.reached(id, 'COMPLETED')
  })

  test('a timeout stops a spinning handler and the worker goes on', async () => {
    start()
    const { id } = await stage.work({ mode: 'spin' }, { timeoutSeconds: 1, maxRetries: 0 })
    await stage.reached(id, 'DEAD_LETTER')
    expect((await stage.db.jobAttempt.findFirstOrThrow({ where: { jobId: id } })).outcome).toBe('TIMED_OUT')
    await stage.reached((await stage.work({})).id, 'COMPLETED')
  })

  test('the jobs of a worker that was killed are finished by the next, each once', async () => {
    const first = start()
    const jobs = [
      await stage.work({ durationMs: 1_500 }),
      await stage.work({ durationMs: 1_500 }),
      await stage.work({}),
    ]
    await stage.reached(jobs[0]!.id, 'RUNNING')
    await stage.kill(first)
    start()
    for (const { id } of jobs) await stage.reached(id, 'COMPLETED', 50)
    for (const { id } of jobs)
      expect((await history(stage.world, id)).filter((status) => status === 'COMPLETED')).toHaveLength(1)
    expect((await stage.db.jobAttempt.findFirstOrThrow({ where: { jobId: jobs[0]!.id, attempt: 1 } })).outcome).toBe(
      'LOST',
    )
    expect(await stage.job(jobs[0]!.id)).toMatchObject({ failures: 0, attempt: 2 })
  }, 120_000)

  test('a drained worker finishes what is short and hands back what is long, without a failure', async () => {
    const worker = start({ DRAIN_SECONDS: '4' })
    const short = await stage.work({ durationMs: 500 })
    const long = await stage.work({ durationMs: 60_000 })
    await Promise.all([stage.reached(short.id, 'RUNNING'), stage.reached(long.id, 'RUNNING')])
    await stage.kill(worker, 'SIGTERM')
    expect((await stage.job(short.id)).status).toBe('COMPLETED')
    expect(await stage.job(long.id)).toMatchObject({ status: 'PENDING', failures: 0, attempt: 1 })
    await cancelJob(stage.db, { jobId: long.id, actor: tester })
  })

  test('a store that lost everything loses no job', async () => {
    // Slots are full, so that messages wait in the store when it is emptied.
    start()
    const busy = [await stage.work({ durationMs: 3_000 }), await stage.work({ durationMs: 3_000 })]
    const jobs = await submitJobs(stage.db, {
      organizationId: stage.world.organizationId,
      actor: tester,
      jobs: Array.from({ length: 40 }, () => ({ jobType: 'sample.work', parameters: unique() })),
    })
    await vi.waitFor(
      async () =>
        expect(await stage.db.job.count({ where: { status: { in: ['QUEUED', 'RUNNING'] } } })).toBeGreaterThan(0),
      within(20),
    )
    await emptyStore()
    for (const { id } of [...busy, ...jobs]) await stage.reached(id, 'COMPLETED', 50)
  })

  test('2,000 short jobs are each completed once', async () => {
    const ids: string[] = []
    for (let i = 0; i < 2; i++) {
      const batch = Array.from({ length: 1000 }, () => ({ jobType: 'sample.noop', parameters: unique() }))
      ids.push(
        ...(await submitJobs(stage.db, { organizationId: stage.world.organizationId, actor: tester, jobs: batch })).map(
          ({ id }) => id,
        ),
      )
    }
    start()
    start()
    await vi.waitFor(
      async () =>
        expect(await stage.db.job.count({ where: { id: { in: ids }, status: { notIn: ['COMPLETED'] } } })).toBe(0),
      within(50),
    )
    expect(await stage.db.executionLog.count({ where: { jobId: { in: ids }, toStatus: 'COMPLETED' } })).toBe(2000)
    expect(await stage.db.executionLog.count({ where: { jobId: { in: ids }, toStatus: 'RUNNING' } })).toBe(2000)
  })

  test('an artifact is there when its job is COMPLETED; a canceled job leaves no file', async () => {
    start()
    const exported = await stage.submit({ jobType: 'export.jobs', parameters: {} })
    const report = await stage.submit({ jobType: 'report.operations', parameters: {} })
    await Promise.all([stage.reached(exported.id, 'COMPLETED'), stage.reached(report.id, 'COMPLETED')])
    for (const { id } of [exported, report]) expect((await stage.job(id)).artifacts).toHaveLength(1)
    const again = await stage.submit({ jobType: 'export.jobs', parameters: {}, dedupe: false })
    // The job may have ended before the cancel. Then its file stays, and has a row.
    await cancelJob(stage.db, { jobId: again.id, actor: tester }).catch(() => undefined)
    await vi.waitFor(async () => expect(FINAL).toContain((await stage.job(again.id)).status), within(20))
    const named = await stage.db.artifact.count()
    const files = (await readdir(path.join(stage.folder, 'files'), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile(),
    )
    expect(files).toHaveLength(named)
  })

  /** Empties the store of BullMQ. */
  async function emptyStore(): Promise<void> {
    if (backend === 'postgresql') return stage.emptySchema({ migrationsToo: false })
    const redis = new Redis(process.env.TEST_REDIS_URL!)
    // Only the part of this database, because other tests use the same server.
    const keys = await redis.keys(`jobyard-${await installation(stage.db)}*`)
    if (keys.length > 0) await redis.del(keys)
    redis.disconnect()
  }
}
