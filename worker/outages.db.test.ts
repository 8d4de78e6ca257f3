import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startRedis } from '@/testing/redis.mjs'
import {
  cancelJob,
  createCarrier,
  crewOf,
  dispatchJobs,
  getJob,
  installation,
  returnToPending,
  submitJobs,
  type Carrier,
} from '@/server/engine'
import { history, tester, unique } from '@/testing/engine'
import { handlerKeys } from './catalog/catalog'
import { createStage, expectAlive, within, type Stage } from './stage.fixture'

// What a store that is away, slow or repeats itself must not do to jobs, with real worker processes.

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.clear())
afterAll(() => stage?.close())

test('jobs submitted while Redis is away are accepted, wait, and run when it is back', async () => {
  const store = path.join(stage.folder, 'redis')
  const first = await startRedis({ folder: store })
  const worker = stage.start(first.url)
  await stage.reached((await stage.work()).id, 'COMPLETED')
  await first.stop()
  const ids = (
    await submitJobs(stage.db, {
      organizationId: stage.world.organizationId,
      actor: tester,
      jobs: Array.from({ length: 30 }, (_, n) => ({
        jobType: n % 2 ? 'sample.work' : 'sample.noop',
        parameters: unique(),
      })),
    })
  ).map(({ id }) => id)
  const canceled = ids.pop()!
  await cancelJob(stage.db, { jobId: canceled, actor: tester })
  expect(await getJob(stage.db, canceled, { all: true })).toMatchObject({ status: 'CANCELED' })
  // While it is away the dispatcher neither moves jobs to and fro nor dies.
  await vi.waitFor(async () => {
    const [row] = await stage.db.$queryRaw<
      { seen: boolean }[]
    >`SELECT max(last_seen_at) > min(j.created_at) + interval '3 seconds' AS seen FROM workers, jobs j WHERE j.id = ${canceled}::uuid`
    expect(row?.seen).toBe(true)
  }, within(20))
  expectAlive(worker)
  expect(await stage.db.executionLog.count({ where: { jobId: { in: ids } } })).toBe(ids.length)
  const second = await startRedis({ folder: store, url: first.url })
  try {
    for (const id of ids) await stage.reached(id, 'COMPLETED', 40)
    expect(await history(stage.world, ids[0]!)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    await stage.kill(worker, 'SIGTERM')
  } finally {
    await second.stop()
  }
})

describe.each(['postgresql', 'redis'] as const)('with BullMQ on %s', (backend) => {
  const redisUrl = () => (backend === 'redis' ? process.env.TEST_REDIS_URL : undefined)
  let carrier: Carrier
  /** That of the workers that this test starts. */
  const crew = crewOf(null, handlerKeys())
  beforeAll(async () => {
    carrier = createCarrier({
      databaseUrl: stage.database.url,
      redisUrl: redisUrl(),
      namespace: await installation(stage.db),
      crew: crew.name,
      onError: () => undefined,
    })
  })
  afterAll(() => carrier.close())

  test('old messages and repeated ones of a job run it once', async () => {
    await carrier.ready()
    const { id } = await stage.work({ durationMs: 1_500 })
    const dispatched = async () =>
      (await dispatchJobs(stage.db, 'ISOLATED', 10, [], crew)).find(({ jobId }) => jobId === id)!
    const old = await dispatched()
    await returnToPending(stage.db, [old], 'Its message was lost')
    const present = await dispatched()
    await carrier.publish('ISOLATED', [
      { id: `${id}-both`, tickets: [old, present, present] },
      { id: `${id}-again`, tickets: [present] },
      { id: `${id}-old`, tickets: [old] },
    ])
    stage.start(redisUrl())
    await stage.reached(id, 'COMPLETED')
    // Each run says so as its first line, and lines are refused once the attempt has ended.
    const lines = await stage.db.jobLog.findMany({ where: { jobId: id, message: { startsWith: 'Attempt 1:' } } })
    expect(lines).toHaveLength(1)
    expect(await stage.db.jobAttempt.count({ where: { jobId: id } })).toBe(1)
  })

  test('a drain without patience hands everything back: no failure, and a cancel that was decided stays one', async () => {
    // Three jobs that run long, and one slot that is kept for the other organization (rule 4.11).
    const worker = stage.start(redisUrl(), { DRAIN_SECONDS: '0', ISOLATED_SLOTS: '4' })
    const [polite, deaf, canceled] = [
      await stage.work({ durationMs: 60_000 }),
      await stage.work({ mode: 'hang' }),
      await stage.work({ mode: 'spin' }),
    ]
    for (const { id } of [polite, deaf, canceled]) await stage.reached(id, 'RUNNING')
    await cancelJob(stage.db, { jobId: canceled.id, actor: tester })
    await stage.kill(worker, 'SIGTERM')
    for (const { id } of [polite, deaf]) {
      expect(await stage.job(id)).toMatchObject({ status: 'PENDING', failures: 0, attempt: 1, error: null })
      expect(await history(stage.world, id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'PENDING'])
    }
    expect((await stage.job(canceled.id)).status).toBe('CANCELED')
    expect(await stage.db.jobAttempt.findMany({ where: { jobId: { in: [polite.id, deaf.id] } } })).toMatchObject([
      { outcome: 'HANDED_BACK' },
      { outcome: 'HANDED_BACK' },
    ])
    // Nothing of it is left in the store that would keep the jobs from running again.
    await cancelJob(stage.db, { jobId: deaf.id, actor: tester })
    stage.start(redisUrl())
    await stage.reached(polite.id, 'RUNNING')
    expect((await stage.job(polite.id)).attempt).toBe(2)
  })

  test('workers that come and go under load lose nothing and count no failure', async () => {
    const jobs = Array.from({ length: 120 }, (_, n) => ({
      jobType: n % 3 ? 'sample.noop' : 'sample.work',
      parameters: { ...unique(), ...(n % 3 ? {} : { durationMs: 100 }) },
    }))
    const ids = (await submitJobs(stage.db, { organizationId: stage.world.organizationId, jobs, actor: tester })).map(
      ({ id }) => id,
    )
    for (let round = 0; round < 3; round++) {
      const worker = stage.start(redisUrl(), { DRAIN_SECONDS: '0' })
      // It is stopped in the middle of its work: some of the jobs are done, and most are not.
      await vi.waitFor(
        async () =>
          expect(
            await stage.db.jobAttempt.count({ where: { outcome: 'COMPLETED', jobId: { in: ids } } }),
          ).toBeGreaterThan(round * 20 + 10),
        within(30),
      )
      await stage.kill(worker, 'SIGTERM')
    }
    stage.start(redisUrl())
    await vi.waitFor(
      async () =>
        expect(await stage.db.job.count({ where: { id: { in: ids }, status: { not: 'COMPLETED' } } })).toBe(0),
      within(50),
    )
    expect(
      await stage.db.job.count({ where: { id: { in: ids }, OR: [{ failures: { gt: 0 } }, { lost: { gt: 0 } }] } }),
    ).toBe(0)
  })
})
