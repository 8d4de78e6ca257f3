import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openDoor } from '@/testing/door'
import { createCarrier, installation, toMessage, type Ticket } from '@/server/engine'
import { QUEUES } from '@/server/engine/queue/messages'
import { createStage, expectAlive, within, type Stage } from './stage.fixture'

// A PostgreSQL that ends its connections, is away, or has lost what BullMQ keeps in it.

let stage: Stage
let admin: Client

beforeAll(async () => {
  stage = await createStage()
  // On another database of the same server, so that it lives on when ours is closed.
  admin = new Client({ connectionString: process.env.TEST_DATABASE_URL })
  await admin.connect()
})
afterEach(async () => {
  await acceptConnections(true)
  await stage.clear()
})
afterAll(async () => {
  await admin?.end()
  await stage?.close()
})

const databaseName = () => new URL(stage.database.url).pathname.slice(1)
const cut = () =>
  admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [databaseName()])
/** With false, PostgreSQL refuses new connections to this database, as if it were down. Open connections stay. */
const acceptConnections = (yes: boolean) => admin.query(`ALTER DATABASE ${databaseName()} ALLOW_CONNECTIONS ${yes}`)

/** Repeats the work until it succeeds. After a cut, the test's own pool first hands out dead connections. */
const patiently = async <T>(work: () => Promise<T>): Promise<T> => vi.waitFor(work, within(30))
const leader = async () =>
  (
    await admin.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'jobyard-leader' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`,
      [databaseName()],
    )
  ).rows.map(({ pid }) => pid)
const theLeader = () =>
  vi.waitFor(async () => {
    const pids = await leader()
    expect(pids).toHaveLength(1)
    return pids[0]!
  }, within(30))

test('a carrier whose first connection failed connects when PostgreSQL is back', async () => {
  const namespace = await installation(stage.db)
  await acceptConnections(false)
  const carrier = createCarrier({
    databaseUrl: stage.database.url,
    redisUrl: undefined,
    namespace,
    onError: () => undefined,
  })
  const got: Ticket[] = []
  const consumer = carrier.consume('INLINE', 2, async (tickets) => void got.push(...tickets))
  try {
    await expect(carrier.ready()).rejects.toThrow()
    await expect(carrier.held('INLINE')).rejects.toThrow()
    await acceptConnections(true)
    await patiently(() => carrier.ready())
    const ticket = { jobId: '01900000-0000-7000-8000-000000000001', dispatch: 1 }
    await carrier.publish('INLINE', [toMessage([ticket])])
    await vi.waitFor(() => expect(got).toEqual([ticket]), within(30))
  } finally {
    await consumer.close()
    await carrier.close()
  }
})

test('a message that a worker takes while it is being removed stays the worker’s', async () => {
  const carrier = createCarrier({
    databaseUrl: stage.database.url,
    redisUrl: undefined,
    namespace: await installation(stage.db),
    onError: () => undefined,
  })
  const claims = new Client({ connectionString: stage.database.url, options: '-c search_path=bullmq' })
  await claims.connect()
  /** As BullMQ's worker does, for 30 s. */
  const claim = () =>
    claims.query(
      `SELECT id FROM move_to_active($1, 'token', 30000, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 'worker', NULL, NULL)`,
      [QUEUES.INLINE],
    )
  const messages = [1, 2, 3].map((n) => toMessage([{ jobId: `01900000-0000-7000-8000-00000000000${n}`, dispatch: 1 }]))
  const [canceled, stale, waiting] = messages.map(({ id }) => id)
  try {
    await carrier.publish('INLINE', messages)
    await claims.query('BEGIN')
    expect((await claim()).rows).toEqual([{ id: canceled }])
    expect((await claim()).rows).toEqual([{ id: stale }])
    // remove: the job of the message was canceled. discard: the message is stale.
    const removals = Promise.all([carrier.remove('INLINE', [canceled!]), carrier.discard('INLINE', [stale!])])
    // Long enough for both to meet the rows that are being taken.
    await sleep(300)
    await claims.query('COMMIT')
    await removals
    const held = async () => new Map((await carrier.held('INLINE')).map(({ id, active }) => [id, active]))
    expect(await held()).toEqual(
      new Map([
        [canceled, true],
        [stale, true],
        [waiting, false],
      ]),
    )
    await carrier.remove('INLINE', [waiting!])
    expect(await held()).toEqual(
      new Map([
        [canceled, true],
        [stale, true],
      ]),
    )
  } finally {
    await claims.end()
    await carrier.close()
  }
})

test('no job is lost when BullMQ’s tables are dropped, and later emptied together with their list of migrations', async () => {
  const worker = stage.start(undefined)
  await stage.completed(await stage.many(6))
  const during = await stage.work({ durationMs: 3_000 })
  await stage.reached(during.id, 'RUNNING')
  await stage.db.$executeRawUnsafe('DROP SCHEMA bullmq CASCADE')
  const ids = await stage.many(20)
  await stage.completed([during.id, ...ids])
  expect((await stage.job(during.id)).attempt).toBe(1)

  await stage.emptySchema({ migrationsToo: true })
  await stage.completed(await stage.many(10))
  expectAlive(worker)
  // The next worker finds tables, but no list of the migrations that made them.
  await stage.kill(worker)
  stage.start(undefined)
  await stage.completed(await stage.many(10))
}, 120_000)

test('a worker whose connection is cut while it registers itself works as usual afterwards', async () => {
  const holder = new Client({ connectionString: stage.database.url })
  await holder.connect()
  try {
    // From here on, whoever writes into this table waits.
    await holder.query('BEGIN; LOCK TABLE workers IN SHARE MODE')
    const worker = stage.start(undefined)
    await vi.waitFor(async () => {
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND query ~ '(INSERT INTO|UPDATE) workers'`,
        [databaseName()],
      )
      expect(rowCount).toBe(1)
    }, within(30))
    await holder.query('COMMIT')
    await stage.completed(await stage.many(10))
    expectAlive(worker)
  } finally {
    await holder.end()
  }
}, 120_000)

test('jobs run to their end when their worker’s connections are cut and PostgreSQL is away for 3 s', async () => {
  const workers = [stage.start(undefined), stage.start(undefined)]
  const long = await stage.work({ durationMs: 6_000 })
  await stage.reached(long.id, 'RUNNING')
  const ids = [long.id, ...(await stage.many(60))]
  for (let round = 0; round < 3; round++) {
    await cut()
    ids.push(...(await patiently(() => stage.many(10))))
  }
  await acceptConnections(false)
  await cut()
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await acceptConnections(true)
  await patiently(() => stage.db.job.count())
  await stage.completed(ids)
  // The outage is shorter than the lease. The worker renews the lease after it, so the job keeps running and its end is
  // reported.
  expect(await stage.story(long.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
  for (const worker of workers) expectAlive(worker)
}, 120_000)

test('a worker survives connections that PostgreSQL closes as soon as they open', async () => {
  const door = await openDoor(stage.database.url)
  try {
    const worker = stage.start(undefined, { DATABASE_URL: door.url })
    await stage.completed(await stage.many(10))
    let ended = 0
    door.endAtBirth(async (pid) => {
      await admin.query('SELECT pg_terminate_backend($1)', [pid])
      ended++
    })
    await cut()
    await vi.waitFor(() => expect(ended).toBeGreaterThan(30), within(30))
    door.endAtBirth(undefined)
    await stage.completed(await patiently(() => stage.many(10)))
    expectAlive(worker)
    // Each listener that ended is replaced by one new listener, never by two. The longest pause before a new one is
    // 2 s, so after 2.5 s all have come.
    const listening = async () =>
      (
        await admin.query(`SELECT FROM pg_stat_activity WHERE datname = $1 AND application_name = 'jobyard-signals'`, [
          databaseName(),
        ])
      ).rowCount
    await vi.waitFor(async () => expect(await listening()).toBeGreaterThan(0), within(30))
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(await listening()).toBe(1)
  } finally {
    await stage.clear()
    await door.close()
  }
}, 120_000)

test('a frozen leader loses the lead, and does no harm when it wakes up', async () => {
  const frozen = stage.start(undefined)
  const first = await theLeader()
  const other = stage.start(undefined)
  await vi.waitFor(async () => expect(await stage.db.worker.count()).toBeGreaterThanOrEqual(2), within(30))
  frozen.kill('SIGSTOP')
  const second = await vi.waitFor(async () => {
    const pid = await theLeader()
    expect(pid).not.toBe(first)
    return pid
  }, within(40))
  const ids = await stage.many(10)
  frozen.kill('SIGCONT')
  await stage.completed(ids)
  expect(await theLeader()).toBe(second)
  expectAlive(frozen)
  await stage.kill(other)
  // With the other worker gone, the worker that was frozen leads again. PostgreSQL needs a moment to notice that the
  // other's connection is gone.
  await vi.waitFor(async () => expect(await theLeader()).not.toBe(second), within(30))
}, 120_000)
