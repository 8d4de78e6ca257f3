import { v7 as uuidv7 } from 'uuid'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/scripts/test/database'
import { createDb, type Db } from '@/server/db'
import { createEventHub, type EventHub, type EventStream, type JobEvent } from './event-hub'

let database: TestDatabase
let db: Db
let hub: EventHub
let stop: AbortController
const acme = uuidv7()
const globex = uuidv7()
const silent = { warn: () => undefined }

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url)
  for (const [id, slug] of [[acme, 'acme'], [globex, 'globex']] as const) await db.organization.create({ data: { id, name: slug, slug } })
  await db.jobType.create({ data: { name: 't', displayName: 't', handler: 'sample.noop', parameterSchema: {} } })
  await db.jobTypeVersion.create({ data: { jobType: 't', version: 1, config: {}, createdBy: {} } })
})
beforeEach(() => {
  hub = createEventHub({ db, databaseUrl: database.url, logger: silent })
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await hub.close()
})
afterAll(async () => {
  await db?.$disconnect()
  await database?.drop()
})

async function createJob(organizationId = acme): Promise<string> {
  const id = uuidv7()
  await db.job.create({
    data: {
      id, organizationId, jobType: 't', jobTypeVersion: 1, queue: 'INLINE', submittedByType: 'SYSTEM', submittedByName: 't',
      maxRetries: 1, timeoutSeconds: 1, rankAt: new Date(),
    },
  })
  return id
}

const INSERT = `INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
  VALUES ($1, $2, 'PENDING', 'QUEUED', $3, 'SYSTEM', 't')`

/** One transition in a transaction of its own, announced as the engine does. */
async function write(jobId: string, attempt: number, organizationId = acme): Promise<void> {
  await db.$executeRawUnsafe(`WITH log AS (${INSERT.replace('$1', '$1::uuid').replace('$2', '$2::uuid')}) SELECT pg_notify('jobyard_events', '')`, jobId, organizationId, attempt)
}

const watch = (over: { lastEventId?: string; jobId?: string; organizationId?: string } = {}): EventStream =>
  hub.subscribe({ organizationId: acme, signal: stop.signal, ...over })

/** Events until there are so many, or none came for a while. */
async function take(stream: EventStream, count: number, quietMs = 3_000): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  while (events.length < count) {
    const more = await stream.next(quietMs)
    if (!more || more.length === 0) break
    events.push(...more)
  }
  return events
}
const attempts = (events: JobEvent[]) => events.map(({ attempt }) => attempt)

describe('the event stream', () => {
  it('carries what is committed, of its organization and job only, within a moment', async () => {
    const [mine, other, foreign] = [await createJob(), await createJob(), await createJob(globex)]
    const [all, single] = [watch(), watch({ jobId: mine })]
    await Promise.all([all.next(50), single.next(50)])
    const at = Date.now()
    await write(mine, 1)
    await write(foreign, 2, globex)
    await write(other, 3)
    expect(attempts(await take(all, 2))).toEqual([1, 3])
    expect(Date.now() - at).toBeLessThan(1_000)
    expect(attempts(await take(single, 2, 300))).toEqual([1])
  })

  it('never passes over a transaction that began early and committed late', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    const slow = new pg.Client({ connectionString: database.url })
    await slow.connect()
    await slow.query('BEGIN')
    await slow.query(INSERT, [job, acme, 1])
    await write(job, 2)
    expect(await take(stream, 1, 400)).toEqual([])
    await slow.query('COMMIT')
    await slow.end()
    expect(attempts(await take(stream, 2))).toEqual([1, 2])
  })

  it('resumes after any event without a gap or a repetition, also in another process', async () => {
    const job = await createJob()
    const first = watch()
    await first.next(50)
    const slow = new pg.Client({ connectionString: database.url })
    await slow.connect()
    for (let n = 1; n <= 12; n++) {
      // Some transactions hold several rows, and some overlap, so that places lie within batches.
      if (n % 4 === 1) await slow.query('BEGIN')
      if (n % 2) await slow.query(INSERT, [job, acme, n])
      else await write(job, n)
      if (n % 4 === 3) await slow.query('COMMIT')
    }
    await slow.end()
    const seen = await take(first, 12)
    expect(attempts(seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await write(job, 13)
    const elsewhere = createEventHub({ db, databaseUrl: database.url, logger: silent })
    for (const event of seen) {
      for (const one of [hub, elsewhere]) {
        const resumed = one.subscribe({ organizationId: acme, lastEventId: event.id, signal: stop.signal })
        const rest = await take(resumed, 13 - event.attempt!)
        expect(attempts(rest)).toEqual(Array.from({ length: 13 - event.attempt! }, (_, n) => event.attempt! + 1 + n))
        resumed.close()
      }
    }
    await elsewhere.close()
  })

  it('goes on live after a resume', async () => {
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

  it('catches up from the database when its reader is slow', async () => {
    const job = await createJob()
    const stream = watch({ jobId: job })
    await stream.next(50)
    await db.$executeRaw`
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
      SELECT ${job}::uuid, ${acme}::uuid, 'PENDING', 'QUEUED', n, 'SYSTEM', 't' FROM generate_series(1, 7000) n`
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(attempts(await take(stream, 7000))).toEqual(Array.from({ length: 7000 }, (_, n) => n + 1))
  })

  it('sends progress at once, and the latest again to whoever comes later', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    const notify = (progress: number, organizationId = acme) =>
      db.$executeRaw`SELECT pg_notify('jobyard_events', ${JSON.stringify({ progress: [[organizationId, job, 1, progress, 'half', new Date().toISOString()]] })})`
    await notify(99, globex)
    await notify(50)
    expect(await take(stream, 1)).toMatchObject([{ type: 'progress', jobId: job, progress: 50, progressMessage: 'half', attempt: 1 }])
    await db.$executeRaw`
      UPDATE jobs SET status = 'RUNNING', attempt = 1, dispatch = 1, progress = 60, queued_at = now(), started_at = now(), worker_id = ${uuidv7()}::uuid, lease_until = now()
      WHERE id = ${job}::uuid`
    expect(await take(watch({ jobId: job }), 1)).toMatchObject([{ type: 'progress', progress: 60 }])
    await db.$executeRaw`UPDATE jobs SET progress = 0 WHERE id = ${job}::uuid`
  })

  it.each(['nonsense', '5-3-1', '1-2-3', '900000000000-900000000001-1'])('answers a place that it does not keep (%s) with one reset', async (lastEventId) => {
    const events = await take(watch({ lastEventId }), 2, 300)
    expect(events.map(({ type }) => type)).toEqual(['reset'])
  })

  it('goes on after PostgreSQL ended its connection', async () => {
    const job = await createJob()
    const stream = watch()
    await stream.next(50)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await db.$queryRaw`SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = 'jobyard-events' AND datname = current_database()`
    await write(job, 1)
    expect(attempts(await take(stream, 1))).toEqual([1])
    await new Promise((resolve) => setTimeout(resolve, 500))
    const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'jobyard-events' AND datname = current_database()`
    expect(row?.count).toBe(1)
  })

  it('ends when its reader leaves', async () => {
    const stream = watch()
    const waiting = stream.next(10_000)
    setTimeout(() => stop.abort(), 100)
    expect(await waiting).toBeNull()
  })
})
