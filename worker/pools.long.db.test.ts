import { hostname } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDb } from '@/server/db'
import { changeJobType, createJobType, crewOf, drainWorker, explainJob, submitJobs } from '@/server/engine'
import { createLogger } from '@/server/logger'
import type { Json } from '@/server/engine/domain/types'
import { tester, unique } from '@/testing/engine'
import { createStage, queueStores, within, type Stage } from './stage.fixture'
import { startWorker, type RunningWorker } from './worker'

// Each test has a stage of its own: the slots of a worker that another test killed would count for 15 s more.
let stage: Stage
const inProcess: RunningWorker[] = []
beforeEach(async () => {
  stage = await createStage()
  const { parameterSchema } = await stage.db.jobType.findUniqueOrThrow({ where: { name: 'sample.work' } })
  await createJobType(stage.db, {
    ...by,
    type: {
      name: 'report',
      displayName: 'Report',
      handler: 'sample.work',
      parameterSchema: parameterSchema as { [key: string]: Json },
      pool: 'reports',
    },
  })
})
afterEach(async () => {
  await Promise.all(inProcess.splice(0).map((worker) => worker.drain(0)))
  await stage?.clear()
  await stage?.close()
})

const by = { actor: tester, address: null }
const many = async (
  count: number,
  jobType: string,
  parameters: Record<string, number> = {},
  organizationId = stage.world.organizationId,
): Promise<string[]> =>
  (
    await submitJobs(stage.db, {
      organizationId,
      jobs: Array.from({ length: count }, () => ({ jobType, parameters: { ...parameters, ...unique() } })),
      actor: tester,
    })
  ).map(({ id }) => id)
const reasons = async (id: string) => (await explainJob(stage.db, id, { all: true })).reasons.map(({ code }) => code)
const alive = (count: number) =>
  vi.waitFor(async () => expect(await stage.db.worker.count({ where: { stoppedAt: null } })).toBe(count), within(30))
const waitOf = async (id: string) => {
  const { createdAt, startedAt } = await stage.job(id)
  return startedAt!.getTime() - createdAt.getTime()
}

describe.each(queueStores())('workers with different pools or handlers (BullMQ on %s)', (_, redisUrl) => {
  const start = (pools: string) => stage.start(redisUrl, pools === '' ? {} : { WORKER_POOLS: pools })

  test('a flood of one organization in one pool delays nobody in another pool, and another organization gets its turn in the same one', async () => {
    start('reports')
    start('default')
    await alive(2)
    const other = stage.world.otherOrganizationId
    const flood = await many(300, 'report', { durationMs: 400 })
    // Of the two slots one is kept for organizations that have nothing in flight there (rule 4.11).
    await vi.waitFor(async () => expect(await stage.db.job.count({ where: { status: 'RUNNING' } })).toBe(1), within(20))
    const [own, foreign, turn] = [
      await many(3, 'sample.noop'),
      await many(3, 'sample.noop', {}, other),
      await many(1, 'report', {}, other),
    ]
    await stage.completed([...own, ...foreign, ...turn], 10)
    for (const id of [...own, ...foreign]) expect(await waitOf(id)).toBeLessThan(1_000)
    // Of the flood only what is in the queue already goes before it: two jobs for each of the two threads.
    expect(await waitOf(turn[0]!)).toBeLessThan(3_000)
    // The queue of the flooded pool stays short.
    expect(await stage.db.job.count({ where: { id: { in: flood }, status: 'QUEUED' } })).toBeLessThanOrEqual(4)
    expect(await stage.db.job.count({ where: { id: { in: flood }, status: 'PENDING' } })).toBeGreaterThan(200)
    const attempts = await stage.db.jobAttempt.findMany({ where: { jobType: 'report' }, distinct: ['workerId'] })
    expect(attempts).toHaveLength(1)
  }, 90_000)

  test('a drain of the only worker of one pool leaves the other pool alone, and explain says which pool has no worker', async () => {
    const reports = start('reports')
    start('default')
    await alive(2)
    const { id: workerId } = await stage.db.worker.findFirstOrThrow({ where: { pools: { has: 'reports' } } })
    await drainWorker(stage.db, { ...by, workerId })
    await vi.waitFor(() => expect(reports.exitCode).not.toBeNull(), within(30))
    const [waiting] = await many(1, 'report')
    const others = await many(5, 'sample.noop')
    await stage.completed(others, 10)
    for (const id of others) expect(await waitOf(id)).toBeLessThan(1_000)
    const { reasons: why } = await explainJob(stage.db, waiting!, { all: true })
    expect(why).toMatchObject([
      { code: 'NO_WORKER', message: expect.stringMatching(/^No worker of pool reports is alive/) as string },
    ])
    expect(await stage.story(waiting!)).toEqual(['PENDING'])
    // One worker with both pools runs what waited and the rest.
    start('default,reports')
    await stage.completed([waiting!, ...(await many(3, 'sample.noop'))], 20)
  }, 90_000)

  test('jobs of a pool that nobody takes wait, and start once their type moves to another pool', async () => {
    start('default')
    await alive(1)
    const [id] = await many(1, 'report')
    await vi.waitFor(async () => expect(await reasons(id!)).toEqual(['NO_WORKER']), within(10))
    expect(await stage.story(id!)).toEqual(['PENDING'])
    await changeJobType(stage.db, { ...by, name: 'report', changes: { pool: 'default' } })
    await stage.completed([id!], 10)
  }, 60_000)

  test('jobs that were QUEUED when their type moved to another pool go back, and run there once', async () => {
    start('default')
    await alive(1)
    const ids = await many(16, 'sample.work', { durationMs: 500 })
    await vi.waitFor(
      async () => expect(await stage.db.job.count({ where: { id: { in: ids }, status: 'QUEUED' } })).toBeGreaterThan(0),
      within(20),
    )
    await changeJobType(stage.db, { ...by, name: 'sample.work', changes: { pool: 'reports' } })
    await vi.waitFor(
      async () =>
        expect(await stage.db.job.count({ where: { id: { in: ids }, status: { in: ['QUEUED', 'RUNNING'] } } })).toBe(0),
      within(20),
    )
    expect(await stage.db.job.count({ where: { id: { in: ids }, status: 'PENDING' } })).toBeGreaterThan(0)
    start('reports')
    await stage.completed(ids)
    expect(await stage.db.jobAttempt.count({ where: { jobId: { in: ids } } })).toBe(ids.length)
  }, 90_000)

  test('a worker that was killed and comes back with other pools loses no job', async () => {
    const first = start('reports')
    await alive(1)
    const ids = await many(12, 'report', { durationMs: 300 })
    await vi.waitFor(
      async () => expect(await stage.db.job.count({ where: { status: 'RUNNING' } })).toBeGreaterThan(0),
      within(20),
    )
    await stage.kill(first)
    start('default,reports')
    await stage.completed(ids, 60)
  }, 90_000)

  test('a worker without WORKER_POOLS runs the jobs of every pool', async () => {
    start('')
    const ids = [...(await many(3, 'report')), ...(await many(3, 'sample.noop'))]
    await stage.completed(ids)
  }, 60_000)

  /** A worker of this process that has only these handlers, as a former version of the product would. */
  async function startVersion(handlers: string[]): Promise<RunningWorker> {
    const connect = (max: number) => createDb(stage.database.url, { max, workload: 'byKey' })
    const worker = await startWorker({
      connections: { db: connect(4), hotDb: connect(5), hotConnections: 5, leaseDb: connect(2) },
      databaseUrl: stage.database.url,
      redisUrl,
      storage: { directory: path.join(stage.folder, 'files') },
      projectRoot: process.cwd(),
      slots: { ISOLATED: 4, INLINE: 20 },
      crew: crewOf(null, handlers),
      outside: null,
      handlerProblems: [],
      threadFile: path.join(process.env.TEST_DIST_DIR!, 'thread.cjs'),
      host: hostname(),
      build: { version: null, commit: null },
      drainSeconds: 1,
      logger: createLogger('worker', 'silent'),
      exit: () => undefined,
      onDrain: () => undefined,
    })
    inProcess.push(worker)
    return worker
  }

  test('with two versions side by side each job runs on one that has its handler, and none goes back and forth', async () => {
    const old = await startVersion(['sample.noop'])
    const [early] = await many(1, 'sample.work')
    await vi.waitFor(async () => expect(await reasons(early!)).toEqual(['HANDLER_MISSING']), within(10))
    // It waits without a transition: nothing tries in vain.
    expect(await stage.story(early!)).toEqual(['PENDING'])

    const present = await startVersion(['sample.noop', 'sample.work'])
    await stage.completed([early!], 2)
    for (let round = 0; round < 5; round++) {
      const [known, fresh] = await Promise.all([many(60, 'sample.noop'), many(12, 'sample.work')])
      await stage.completed([...known, ...fresh], 20)
      const runs = await stage.db.jobAttempt.findMany({ where: { jobId: { in: fresh } } })
      expect(runs.map(({ workerId }) => workerId)).toEqual(fresh.map(() => present.id))
      for (const id of fresh) expect(await stage.story(id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    }
    expect(await stage.db.jobAttempt.count({ where: { workerId: old.id } })).toBeGreaterThan(0)
  }, 90_000)

  test('when the last worker that has a handler leaves, its jobs wait, and the next such worker takes them', async () => {
    const present = await startVersion(['sample.noop', 'sample.work'])
    await startVersion(['sample.noop'])
    const ids = await many(30, 'sample.work', { durationMs: 200 })
    await vi.waitFor(
      async () => expect(await stage.db.job.count({ where: { status: 'RUNNING' } })).toBeGreaterThan(0),
      within(20),
    )
    inProcess.splice(inProcess.indexOf(present), 1)
    await present.drain(1)
    await vi.waitFor(
      async () => expect(await stage.db.job.count({ where: { status: { in: ['QUEUED', 'RUNNING'] } } })).toBe(0),
      within(20),
    )
    expect(await stage.db.job.count({ where: { id: { in: ids }, status: 'PENDING' } })).toBeGreaterThan(0)
    await startVersion(['sample.noop', 'sample.work'])
    await stage.completed(ids)
    expect(await stage.db.job.count({ where: { id: { in: ids }, failures: { gt: 0 } } })).toBe(0)
  }, 90_000)
})
