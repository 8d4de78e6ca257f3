import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDb, type Db } from '@/server/db'
import { submitJob, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

const actor = systemActor('bench')
const SINGLES = 100
const IDLE_SECONDS = 15
/** Hertz. The unit of processor time in /proc on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100

interface Stores {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
}

/**
 * Rule 10: what it costs that many kinds of work (organization, job type, priority) wait for a later time. Compares
 * the time from submission to start, and the processor time of worker and database while nothing happens, with few
 * kinds waiting and with many.
 */
export const kindsOfWaitingWork = (stores: Stores, numbers: readonly number[]): Promise<boolean> =>
  compareKinds(stores, 'of later work waiting', insertLaterWork, [100, ...numbers])

/** Compares as `kindsOfWaitingWork` does, with work that is due while its job type is paused. */
export const kindsOfHeldWork = (stores: Stores, numbers: readonly number[]): Promise<boolean> =>
  compareKinds(stores, 'of paused work', insertHeldWork, numbers)

type Insert = (db: Db, kinds: number) => Promise<void>

/** The first of the numbers is what the others are compared with. */
async function compareKinds(
  stores: Stores,
  what: string,
  insert: Insert,
  [first, ...others]: readonly number[],
): Promise<boolean> {
  const few = await withKinds(stores, what, insert, first!)
  let ok = true
  for (const kinds of others) {
    const many = await withKinds(stores, what, insert, kinds)
    const against = `with ${kinds} kinds ${what}, against ${first}, on ${stores.backend}`
    ok = line(`submit to start ${against}`, many.medianMs / few.medianMs, 'times', { below: 1.5 }) && ok
    ok = line(`idle processor time ${against}`, many.idle / few.idle, 'times', { below: 1.5 }) && ok
  }
  return ok
}

/** Median milliseconds from submission to start, and the part of one core that is busy while nothing happens. */
async function withKinds(
  stores: Stores,
  what: string,
  insert: Insert,
  kinds: number,
): Promise<{ medianMs: number; idle: number }> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  await insert(db, kinds)
  const worker = startWorkerProcess(stores)
  await sleep(4_000) // until the worker has started
  const before = await processorSeconds(db, worker.pid)
  await sleep(IDLE_SECONDS * 1000)
  const idle = ((await processorSeconds(db, worker.pid)) - before) / IDLE_SECONDS
  const ids: string[] = []
  for (let n = 0; n < SINGLES; n++) {
    const job = { jobType: 'sample.noop', parameters: { n } }
    ids.push((await submitJob(db, { organizationId: ORGANIZATION, job, actor })).id)
    await sleep(50 + Math.random() * 20)
  }
  for (let waited = 0; waited < 300 && (await notStarted(db, ids)) > 0; waited++) await sleep(1_000)
  await worker.stop()
  // The first ten warm up.
  const [row] = await db.$queryRaw<{ median: number; started: number }[]>`
    SELECT 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM started_at - created_at)::float8) AS median,
      count(started_at)::int AS started
    FROM jobs WHERE id = ANY(${ids.slice(10)}::uuid[])`
  await removeOrganizations(db)
  await db.$disconnect()
  if (row!.started !== SINGLES - 10) throw new Error(`${row!.started} of ${SINGLES - 10} jobs started`)
  line(`  ${kinds} kinds ${what}: submit to start, median, on ${stores.backend}`, row!.median, 'ms', undefined)
  line(
    `  ${kinds} kinds ${what}: processor time while idle, on ${stores.backend}`,
    100 * idle,
    '% of a core',
    undefined,
  )
  return { medianMs: row!.median, idle }
}

const notStarted = (db: Db, ids: string[]) => db.job.count({ where: { id: { in: ids }, startedAt: null } })

/** Six job types times four priorities. So many kinds of work has each organization. */
const KINDS_EACH = 24

/** Makes one job for tomorrow of each kind, over as many organizations as that takes. */
async function insertLaterWork(db: Db, kinds: number): Promise<void> {
  await insertOrganizations(db, Math.ceil(kinds / KINDS_EACH))
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name,
      max_retries, timeout_seconds, priority, run_at, rank_at, is_due)
    SELECT gen_random_uuid(), o.id, t.name, t.version, 'INLINE', 'PENDING', 'SYSTEM', 'bench', 0, 60, p.priority,
      now() + interval '1 day', now() + interval '1 day', FALSE
    FROM organizations o CROSS JOIN (SELECT name, version FROM job_types ORDER BY name LIMIT 6) t
    CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)
    WHERE o.slug LIKE 'kinds-%' ORDER BY o.id LIMIT ${kinds}`
  await db.$executeRaw`VACUUM ANALYZE`
}

/** Makes one job of each kind that is due, all of one job type, which is paused. An organization has one of each priority. */
async function insertHeldWork(db: Db, kinds: number): Promise<void> {
  await insertOrganizations(db, Math.ceil(kinds / 4))
  await db.$executeRaw`INSERT INTO pauses (scope, target, paused_by) VALUES ('JOB_TYPE', 'sample.work', '{}')`
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name,
      max_retries, timeout_seconds, priority, run_at, rank_at)
    SELECT gen_random_uuid(), o.id, t.name, t.version, 'INLINE', 'PENDING', 'SYSTEM', 'bench', 0, 60, p.priority, now(), now()
    FROM organizations o JOIN job_types t ON t.name = 'sample.work' CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)
    WHERE o.slug LIKE 'kinds-%' ORDER BY o.id LIMIT ${kinds}`
  await db.$executeRaw`VACUUM ANALYZE`
}

const insertOrganizations = (db: Db, count: number) => db.$executeRaw`
  INSERT INTO organizations (id, name, slug)
  SELECT gen_random_uuid(), 'Kinds ' || n, 'kinds-' || n FROM generate_series(1, ${count}::int) n`

async function removeOrganizations(db: Db): Promise<void> {
  await prepareDatabase(db)
  await db.$executeRaw`DELETE FROM organizations WHERE slug LIKE 'kinds-%'`
  await db.$executeRaw`DELETE FROM pauses`
}

/**
 * How much of the throughput of one organization is left where as many organizations as there are jobs have one job
 * each.
 */
export async function manyOrganizations(stores: Stores, jobs: number): Promise<boolean> {
  const one = await drain(stores, jobs, 1)
  const many = await drain(stores, jobs, jobs)
  line(`${jobs} jobs of one organization on ${stores.backend}`, one, 'jobs/s', undefined)
  line(`${jobs} jobs of as many organizations on ${stores.backend}`, many, 'jobs/s', undefined)
  return line(`throughput of ${jobs} organizations, against one, on ${stores.backend}`, many / one, 'times', {
    atLeast: 0.8,
  })
}

/** Jobs a second, from the worker's start to the last completion. */
async function drain(stores: Stores, jobs: number, organizations: number): Promise<number> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  for (let from = 0; from < jobs; from += 1000)
    await submitJobs(db, {
      organizationId: ORGANIZATION,
      actor,
      jobs: Array.from({ length: 1000 }, (_, n) => ({ jobType: 'sample.noop', parameters: { n: from + n } })),
    })
  if (organizations > 1) {
    await insertOrganizations(db, organizations)
    await db.$executeRaw`
      WITH o AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM organizations WHERE slug LIKE 'kinds-%'),
      j AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM jobs)
      UPDATE jobs SET organization_id = o.id FROM o JOIN j USING (n) WHERE jobs.id = j.id`
  }
  await db.$executeRaw`VACUUM ANALYZE`
  const began = performance.now()
  const worker = startWorkerProcess(stores)
  for (;;) {
    await sleep(50)
    // “Not COMPLETED” stands here once more, so that PostgreSQL takes the index that leaves these out.
    const [left] = await db.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM jobs WHERE status IN ('PENDING', 'QUEUED', 'RUNNING') AND status <> 'COMPLETED') AS any`
    if (!left!.any) break
  }
  const rate = (1000 * jobs) / (performance.now() - began)
  await worker.stop()
  await removeOrganizations(db)
  await db.$disconnect()
  return rate
}

/** Seconds of processor time that the worker and the connections of the database have used until now. Linux only. */
async function processorSeconds(db: Db, workerPid: number): Promise<number> {
  const backends = await db.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`
  const ticks = [workerPid, ...backends.map(({ pid }) => pid)].map((pid) => {
    try {
      // The name stands in brackets and may hold spaces. User and system time are fields 14 and 15.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      return Number(fields[11]) + Number(fields[12])
    } catch {
      return 0
    }
  })
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND
}
