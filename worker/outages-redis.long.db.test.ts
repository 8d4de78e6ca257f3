import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '@/launcher/ports.mjs'
import { startRedis } from '@/testing/redis.mjs'
import { createStage, expectAlive, within, type Stage } from './stage.fixture'

// Redis is away, empty, frozen or full. The worker process must go on, and no job may be lost.

let stage: Stage
let redis: Awaited<ReturnType<typeof startRedis>> | undefined
let stores = 0

beforeAll(async () => {
  stage = await createStage()
})
afterEach(async () => {
  try {
    await stage.clear()
  } finally {
    if (redis) process.kill(redis.pid, 'SIGCONT')
    await redis?.stop()
    redis = undefined
  }
})
afterAll(() => stage?.close())

const open = async (url?: string) =>
  (redis = await startRedis({ folder: path.join(stage.folder, `redis-${++stores}`), url }))

async function command(work: (client: Redis) => Promise<unknown>) {
  const client = new Redis(redis!.url)
  client.on('error', () => undefined)
  try {
    await work(client)
  } finally {
    client.disconnect()
  }
}

/** How many changes of status these jobs had since their submission. A job that waits for Redis may have none. */
const moves = (ids: string[]) =>
  stage.db.executionLog.count({ where: { jobId: { in: ids }, fromStatus: { not: null } } })

test('a worker that starts without Redis waits for it, and then runs the jobs that were due before and those that came meanwhile', async () => {
  const url = `redis://:secret@127.0.0.1:${await freePort()}/0`
  const ids = await stage.many(12)
  // These jobs have been due for a minute when the worker starts. A job's rank is its due time (less a head start for its
  // priority), so it is set back with it.
  await stage.db
    .$executeRaw`UPDATE jobs SET run_at = run_at - interval '1 minute', rank_at = rank_at - interval '1 minute'`
  const worker = stage.start(url)
  await vi.waitFor(async () => expect(await stage.db.worker.count()).toBe(1), within(30))
  const later = await stage.many(6)
  // By its heartbeat the worker has lived for some seconds, in which it could have moved the jobs.
  await vi.waitFor(async () => {
    const [row] = await stage.db.$queryRaw<
      { seen: boolean }[]
    >`SELECT max(last_seen_at) > max(started_at) + interval '4 seconds' AS seen FROM workers`
    expect(row?.seen).toBe(true)
  }, within(30))
  expect(await moves([...ids, ...later])).toBe(0)
  await open(url)
  await stage.completed([...ids, ...later])
  expectAlive(worker)
})

test('a Redis that is emptied again and again costs no job', async () => {
  const { url } = await open()
  const worker = stage.start(url)
  const ids: string[] = []
  for (let round = 0; round < 4; round++) {
    ids.push(...(await stage.many(40)))
    const done = () => stage.db.job.count({ where: { id: { in: ids }, status: 'COMPLETED' } })
    await vi.waitFor(async () => expect(await done()).toBeGreaterThan(round * 40), within(40))
    await command((client) => client.flushall())
  }
  await stage.completed(ids)
  expectAlive(worker)
})

test('while Redis is full nothing is lost, and what it refused runs when there is room', async () => {
  const { url } = await open()
  const worker = stage.start(url)
  await stage.completed(await stage.many(6))
  await command((client) => client.config('SET', 'maxmemory', '1'))
  const ids = await stage.many(20)
  const refusals = () =>
    stage.db.executionLog.count({ where: { jobId: { in: ids }, message: 'The queue did not take it' } })
  await vi.waitFor(async () => expect(await refusals()).toBeGreaterThan(0), within(30))
  // A job that Redis refuses goes back to PENDING at once, and each try costs two rows of history. So the dispatcher
  // waits after each refusal, longer each time: 0.25, 0.5, 1 and 2 s.
  await sleep(3_000)
  expect(await refusals()).toBeLessThanOrEqual(5 * ids.length)
  expect(await stage.db.job.count({ where: { id: { in: ids }, status: 'COMPLETED' } })).toBe(0)
  await command((client) => client.config('SET', 'maxmemory', '0'))
  await stage.completed(ids)
  expectAlive(worker)
})

test('while Redis is frozen jobs are accepted, and a dead worker’s job is brought back all the same', async () => {
  const { url } = await open()
  // This worker is the leader. It stays the leader, although its duties lost-messages and stale-messages wait for
  // Redis all the time.
  const survivor = stage.start(url, { ISOLATED_SLOTS: '1' })
  const busy = await stage.work({ durationMs: 45_000 })
  await stage.reached(busy.id, 'RUNNING')
  // One slot is for the job that is to be lost. The other is kept free, because the test world has a second
  // organization, which has no jobs (rule 4.11).
  const victim = stage.start(url, { ISOLATED_SLOTS: '2' })
  const lost = await stage.work({ durationMs: 3_000 })
  await stage.reached(lost.id, 'RUNNING')
  process.kill(redis!.pid, 'SIGSTOP')
  await stage.kill(victim)
  const ids = await stage.many(10)
  await vi.waitFor(
    async () => expect(await stage.job(lost.id)).toMatchObject({ status: 'PENDING', failures: 0 }),
    within(50),
  )
  process.kill(redis!.pid, 'SIGCONT')
  stage.start(url)
  await stage.completed([lost.id, ...ids])
  expectAlive(survivor)
}, 120_000)

test('a worker that is asked to drain while Redis is frozen hands back what it runs before it is killed', async () => {
  const { url } = await open()
  const worker = stage.start(url, { DRAIN_SECONDS: '2' })
  const long = await stage.work({ durationMs: 60_000 })
  await stage.reached(long.id, 'RUNNING')
  process.kill(redis!.pid, 'SIGSTOP')
  worker.kill('SIGTERM')
  // As its supervisor does (`stopMs` in launcher/children.mjs): it waits for DRAIN_SECONDS and 8 s more, and then kills.
  await Promise.race([once(worker, 'exit'), new Promise((resolve) => setTimeout(resolve, 2_000 + 8_000))])
  await stage.kill(worker)
  process.kill(redis!.pid, 'SIGCONT')
  expect(await stage.job(long.id)).toMatchObject({ status: 'PENDING', failures: 0 })
  expect(await stage.db.jobAttempt.findMany({ where: { jobId: long.id } })).toMatchObject([{ outcome: 'HANDED_BACK' }])
})
