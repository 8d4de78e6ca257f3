import { v7 as uuidv7 } from 'uuid'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatCursor, parseCursor } from '../domain/event-cursor'
import { dispatch, openWorld, submit, tester } from '@/testing/engine'
import type { JobEvent } from '../domain/job-event'
import { createEventHub, type EventHub } from './hub'
import { eventPlaceNow } from './place'
import type { EventStream } from './subscription'
import { cancelJob } from '../index'

const { database, db, world } = await openWorld()
let hub: EventHub
let stop: AbortController
const acme = world.organizationId
const globex = world.otherOrganizationId
const silent = { warn: () => undefined }

beforeEach(() => {
  hub = createEventHub({ db, databaseUrl: database.url, logger: silent })
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await hub.close()
})

/**
 * Sets a job's progress to so many percent, as its worker would have left it. At 0 the job has reported nothing, so that
 * viewers of later tests are sent nothing of it.
 */
async function setProgress(jobId: string, progress: number): Promise<void> {
  await db.$executeRaw`
    UPDATE jobs SET status = 'RUNNING', attempt = 1, dispatch = 1, progress = ${progress}, queued_at = now(), started_at = now(),
      worker_id = ${uuidv7()}::uuid, lease_until = now()
    WHERE id = ${jobId}::uuid`
}

async function createJob(organizationId = acme): Promise<string> {
  const id = uuidv7()
  await db.job.create({
    data: {
      id,
      organizationId,
      jobType: 'plain',
      jobTypeVersion: 1,
      queue: 'INLINE',
      submittedByType: 'SYSTEM',
      submittedByName: 't',
      maxRetries: 1,
      timeoutSeconds: 1,
      rankAt: new Date(),
    },
  })
  return id
}

const INSERT = `INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
  VALUES ($1, $2, 'PENDING', 'QUEUED', $3, 'SYSTEM', 't')`

/** Writes one transition in a transaction of its own, and signals it as the engine does. */
async function write(jobId: string, attempt: number, organizationId = acme): Promise<void> {
  await db.$executeRawUnsafe(
    `WITH log AS (${INSERT.replace('$1', '$1::uuid').replace('$2', '$2::uuid')}) SELECT pg_notify('jobyard_events', '')`,
    jobId,
    organizationId,
    attempt,
  )
}

/**
 * A viewer. It joins the stream at its first `next`, so tests that want only what comes later call `next(50)` first.
 */
const watch = (over: { lastEventId?: string; jobId?: string; organizationId?: string } = {}): EventStream =>
  hub.subscribe({ organizationId: acme, signal: stop.signal, ...over })

/**
 * Reads events until there are `count`, or none has come for a while. How far history can be read depends on the whole
 * server: a transaction that another test has open in its own database keeps events back.
 */
async function take(stream: EventStream, count: number, quietMs = 20_000): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  while (events.length < count) {
    const more = await stream.next(quietMs)
    if (!more || more.length === 0) break
    events.push(...more)
  }
  return events
}
const attempts = (events: JobEvent[]) => events.map(({ attempt }) => attempt)
const now = () => Math.floor(Date.now() / 1000)

/** Opens a connection for a transaction that stays open. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  return client
}

describe('the event stream', () => {
  it('a viewer gets what is committed, of its organization and its job only', async () => {
    const [mine, other, foreign] = [await createJob(), await createJob(), await createJob(globex)]
    const [all, single] = [watch(), watch({ jobId: mine })]
    await Promise.all([all.next(50), single.next(50)])
    await write(mine, 1)
    await write(foreign, 2, globex)
    await write(other, 3)
    expect(attempts(await take(all, 2))).toEqual([1, 3])
    expect(attempts(await take(single, 2, 300))).toEqual([1])
  })

  it('the event stream is told of each event, and does not find it by looking once a second', async () => {
    const mine = await createJob()
    const stream = watch({ jobId: mine })
    await stream.next(50)
    const waits: number[] = []
    for (let n = 1; n <= 10; n++) {
      const at = performance.now()
      await write(mine, n)
      expect(attempts(await take(stream, 1))).toEqual([n])
      waits.push(performance.now() - at)
    }
    // By looking, each event would take about a second. Events that are told take so long only where other transactions
    // hold them back.
    expect(Math.min(...waits)).toBeLessThan(500)
  })

  it('the event stream never passes over a transaction that began early and committed late', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    const slow = await connect()
    await slow.query('BEGIN')
    await slow.query(INSERT, [job, acme, 1])
    await write(job, 2)
    expect(await take(stream, 1, 400)).toEqual([])
    await slow.query('COMMIT')
    await slow.end()
    expect(attempts(await take(stream, 2))).toEqual([1, 2])
  })

  it('whoever reads after taking a place, and follows from there, misses no change of a transaction that was open', async () => {
    const job = await createJob()
    const slow = await connect()
    await slow.query('BEGIN')
    await slow.query(INSERT, [job, acme, 1])
    const place = await eventPlaceNow(db)
    await write(job, 2)
    expect(await db.executionLog.count({ where: { jobId: job } }), 'a read sees the second change alone').toBe(1)
    await slow.query('COMMIT')
    await slow.end()
    await write(job, 3)
    expect(attempts(await take(watch({ jobId: job, lastEventId: place }), 3))).toEqual([1, 2, 3])
  })

  it('the event stream keeps the order of a job whose second change has the older transaction', async () => {
    const stream = watch({ organizationId: world.organizationId })
    await stream.next(50)
    const job = await submit(world)
    expect(await take(stream, 1)).toMatchObject([{ toStatus: 'PENDING' }])
    // Transactions get their numbers in the order `canceling`, `between`, dispatch. They commit in another order.
    const between = await connect()
    await db.$transaction(async (canceling) => {
      await canceling.$executeRaw`SELECT pg_current_xact_id()::text`
      await between.query('BEGIN')
      await between.query('SELECT pg_current_xact_id()')
      await dispatch(world, job.id)
      await cancelJob(canceling, { jobId: job.id, actor: tester })
    })
    // History can be read up to a place between the two changes. Neither may go out before the change that it follows.
    expect(await take(stream, 1, 1_500)).toEqual([])
    await between.query('COMMIT')
    await between.end()
    expect((await take(stream, 2)).map(({ fromStatus, toStatus }) => [fromStatus, toStatus])).toEqual([
      ['PENDING', 'QUEUED'],
      ['QUEUED', 'CANCELED'],
    ])
  })

  it('a viewer resumes after any event without a gap or a repetition, also in another process', async () => {
    const job = await createJob()
    const first = watch()
    await first.next(50)
    const slow = await connect()
    for (let n = 1; n <= 12; n++) {
      // Some transactions have several rows and some overlap, so that places lie within them.
      if (n % 4 === 1) await slow.query('BEGIN')
      if (n % 2) await slow.query(INSERT, [job, acme, n])
      else await write(job, n)
      if (n % 4 === 3) await slow.query('COMMIT')
    }
    await slow.end()
    const seen = await take(first, 12)
    expect(attempts(seen).sort((a, b) => a! - b!)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await write(job, 13)
    const elsewhere = createEventHub({ db, databaseUrl: database.url, logger: silent })
    for (const [place, event] of seen.entries()) {
      for (const one of [hub, elsewhere]) {
        const resumed = one.subscribe({ organizationId: acme, lastEventId: event.id, signal: stop.signal })
        const rest = [...attempts(seen).slice(place + 1), 13]
        expect(attempts(await take(resumed, rest.length))).toEqual(rest)
        resumed.close()
      }
    }
    await elsewhere.close()
  })

  it('a viewer without a place gets one to come back to, by a reset', async () => {
    const job = await createJob()
    const first = watch({ lastEventId: 'start' })
    const [reset] = await take(first, 1)
    expect(reset).toMatchObject({ type: 'reset', jobId: null })
    first.close()
    await write(job, 1)
    expect(attempts(await take(watch({ lastEventId: reset!.id }), 1))).toEqual([1])
  })

  it('a viewer goes on live after a resume', async () => {
    const job = await createJob()
    const first = watch()
    await first.next(50)
    await write(job, 1)
    const [event] = await take(first, 1)
    await write(job, 2)
    const resumed = watch({ lastEventId: event!.id })
    expect(attempts(await take(resumed, 1))).toEqual([2])
    await write(job, 3)
    expect(attempts(await take(resumed, 1))).toEqual([3])
  })

  it('a slow viewer catches up from the database', async () => {
    // Of 7,000 events it may keep 5,000 waiting. The others are dropped before it reads the first.
    const job = await createJob()
    const stream = watch({ jobId: job })
    await stream.next(50)
    await db.$executeRaw`
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
      SELECT ${job}::uuid, ${acme}::uuid, 'PENDING', 'QUEUED', n, 'SYSTEM', 't' FROM generate_series(1, 7000) n`
    // These rows are not announced. The hub finds them by its look once a second.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(attempts(await take(stream, 7000))).toEqual(Array.from({ length: 7000 }, (_, n) => n + 1))
  })

  it('a viewer that was away for long gets all it missed, also where most of what happened belongs to others', async () => {
    // 25,000 rows are three steps of a replay, of 10,000 rows each.
    const [mine, foreign] = [await createJob(), await createJob(globex)]
    const first = watch({ lastEventId: 'start' })
    const [reset] = await take(first, 1)
    first.close()
    await db.$executeRaw`
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
      SELECT CASE WHEN n % 20 = 0 THEN ${mine}::uuid ELSE ${foreign}::uuid END, CASE WHEN n % 20 = 0 THEN ${acme}::uuid ELSE ${globex}::uuid END,
        'PENDING', 'QUEUED', n, 'SYSTEM', 't' FROM generate_series(1, 25000) n`
    const expected = Array.from({ length: 1250 }, (_, n) => 20 * (n + 1))
    expect(attempts(await take(watch({ lastEventId: reset!.id }), 1250))).toEqual(expected)
    expect(attempts(await take(watch({ lastEventId: reset!.id, jobId: mine }), 1250))).toEqual(expected)
    expect(await take(watch({ lastEventId: reset!.id, jobId: await createJob() }), 1, 300)).toEqual([])
  })

  it('a read of the history that failed goes on where it stopped, and repeats nothing', async () => {
    const job = await createJob()
    let reads = 0
    // At the third page of a long read the database is away, once. 4,500 rows are three pages of at most 2,000.
    const broken = new Proxy(db, {
      get: (target, name) => {
        if (name !== '$queryRaw') return Reflect.get(target, name) as unknown
        return (query: TemplateStringsArray, ...values: unknown[]) => {
          if (String(query).includes('execution_logs') && ++reads === 3) throw new Error('the database is away')
          return target.$queryRaw(query, ...values)
        }
      },
    })
    const shaky = createEventHub({ db: broken, databaseUrl: database.url, logger: silent })
    const stream = shaky.subscribe({ organizationId: acme, signal: stop.signal })
    await stream.next(50)
    reads = 0
    await db.$executeRaw`
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
      SELECT ${job}::uuid, ${acme}::uuid, 'PENDING', 'QUEUED', n, 'SYSTEM', 't' FROM generate_series(1, 4500) n`
    expect(attempts(await take(stream, 4500))).toEqual(Array.from({ length: 4500 }, (_, n) => n + 1))
    expect(await take(stream, 1, 300)).toEqual([])
    expect(reads).toBeGreaterThanOrEqual(4)
    await shaky.close()
  })

  it('one connection serves a thousand viewers of one process', async () => {
    const [watched, ...jobs] = await Promise.all(Array.from({ length: 100 }, () => createJob()))
    const streams = Array.from({ length: 1000 }, (_, n) => watch(n % 2 ? { jobId: jobs[n % jobs.length] } : {}))
    await Promise.all(streams.map((stream) => stream.next(50)))
    await write(watched!, 1)
    await Promise.all(jobs.map((job) => write(job, 2)))
    const seen = await Promise.all(streams.map((stream, n) => take(stream, n % 2 ? 1 : 100)))
    expect(seen.map((events) => events.length)).toEqual(streams.map((_, n) => (n % 2 ? 1 : 100)))
    const [row] = await db.$queryRaw<
      { count: number }[]
    >`SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'jobyard-events' AND datname = current_database()`
    expect(row?.count).toBe(1)
  })

  it('progress is sent at once, and the latest again to a viewer that comes later', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    const notify = (progress: number, organizationId = acme) =>
      db.$executeRaw`SELECT pg_notify('jobyard_events', ${JSON.stringify({ progress: [[organizationId, job, 1, progress, 'half', new Date().toISOString()]] })})`
    await notify(99, globex)
    // The progress is written first, as a worker does. A listener that is still connecting reads it when it is ready.
    await setProgress(job, 50)
    await notify(50)
    expect(await take(stream, 1)).toMatchObject([{ type: 'progress', jobId: job, progress: 50, attempt: 1 }])
    await setProgress(job, 60)
    const [one, other] = [await take(watch({ jobId: job }), 1), await take(watch({ jobId: job }), 1)]
    for (const again of [one, other]) expect(again).toMatchObject([{ type: 'progress', progress: 60 }])
    expect(one[0]!.id).not.toBe(other[0]!.id)
    // Its id is a place to resume from, like that of any event.
    expect(parseCursor(one[0]!.id)).not.toBeNull()
    expect((await take(watch({ jobId: job, lastEventId: one[0]!.id }), 1)).map(({ type }) => type)).toEqual([
      'progress',
    ])
    await setProgress(job, 0)
  })

  it.each([
    ['no place at all', () => 'nonsense'],
    ['one of long ago', () => formatCursor({ xid: 5n, id: 3n }, now() - 86_400)],
    ['one of another database', () => formatCursor({ xid: 900_000_000_000n, id: 1n }, now())],
  ])('a viewer that resumes from %s gets one reset', async (_, place) => {
    const lastEventId = place()
    const stream = watch({ lastEventId })
    expect((await take(stream, 1)).map(({ type }) => type)).toEqual(['reset'])
    expect(await take(stream, 1, 300)).toEqual([])
  })

  it('the event stream goes on after PostgreSQL ended its connection', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    // By then the hub listens, so that there is a connection to end.
    await new Promise((resolve) => setTimeout(resolve, 200))
    // Progress that is reported while nobody listens is sent when somebody does.
    await setProgress(job, 70)
    await db.$queryRaw`SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = 'jobyard-events' AND datname = current_database()`
    await write(job, 1)
    const events = await take(stream, 2)
    expect(events.map(({ type }) => type).sort()).toEqual(['progress', 'status'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'progress', jobId: job, progress: 70 }))
    await setProgress(job, 0)
    const [row] = await db.$queryRaw<
      { count: number }[]
    >`SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'jobyard-events' AND datname = current_database()`
    expect(row?.count).toBe(1)
  })

  it('the event stream of a viewer ends when the viewer leaves', async () => {
    const stream = watch()
    const waiting = stream.next(10_000)
    setTimeout(() => stop.abort(), 100)
    expect(await waiting).toBeNull()
  })
})
