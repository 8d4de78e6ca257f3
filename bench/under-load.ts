import { setTimeout as sleep } from 'node:timers/promises'
import { createDb, type Db } from '@/server/db'
import { submitJob, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { NEIGHBOUR, ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

const actor = systemActor('bench')
const SECONDS = 20
/** Milliseconds between two submissions, each of which takes what is due by then together. */
const TICK_MS = 20
/** The most jobs of one call. After a stall the rest is submitted with the next ticks. */
const MOST_AT_ONCE = 1_000
/** Milliseconds between two jobs of the quiet organization. */
const QUIET_EVERY_MS = 50
const SHARES = [0.1, 0.5, 0.7, 0.9]

/**
 * The time from submission to start at shares of what the machine can do, which is measured first, with the submissions
 * that it takes. Beside each of them another organization submits a job now and then: it must not notice.
 */
export async function latencyUnderLoad(stores: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
}): Promise<boolean> {
  const db = createDb(stores.databaseUrl, { max: 8 })
  await prepareDatabase(db)
  const worker = startWorkerProcess(stores)
  await sleep(3_000) // until the worker has started
  // The first time the worker starts, and its code is not yet optimized. It tells how many jobs a call has in the runs.
  const roughly = await measureCapacity(db, MOST_AT_ONCE)
  const capacity = await measureCapacity(db, Math.ceil((roughly * TICK_MS) / 1000))
  const alone = await run(db, 0)
  line(`under load on ${stores.backend}: capacity, submissions too`, capacity, 'jobs/s', undefined)
  let ok = true
  for (const share of SHARES) {
    const { loud, quiet } = await run(db, capacity * share)
    const at = `at ${100 * share} % on ${stores.backend}`
    line(`submit to start ${at}, median`, loud!.p50, 'ms', undefined)
    ok = line(`submit to start ${at}, p99`, loud!.p99, 'ms', share === 0.7 ? { below: 100 } : undefined) && ok
    line(`a quiet organization ${at}, median`, quiet.p50, 'ms', undefined)
    const times = quiet.p99 / alone.quiet.p99
    ok =
      line(
        `a quiet organization's p99 ${at}, against alone`,
        times,
        'times',
        share === 0.7 ? { below: 2 } : undefined,
      ) && ok
  }
  await worker.stop()
  await db.$disconnect()
  return ok
}

/**
 * Jobs a second, from submission to end, where more are always ready. They are submitted in calls of `perCall` jobs: small
 * calls cost more for each job.
 */
async function measureCapacity(db: Db, perCall: number): Promise<number> {
  const until = performance.now() + SECONDS * 1000
  const began = performance.now()
  const before = await ended(db)
  while (performance.now() < until) {
    if ((await waiting(db)) > 2_000) await sleep(20)
    else await submitMany(db, perCall)
  }
  return (1000 * ((await ended(db)) - before)) / (performance.now() - began)
}

/** Submits so many jobs a second, evenly, and gives the waits in milliseconds by the database's clock. */
async function run(db: Db, perSecond: number) {
  while ((await waiting(db)) > 0) await sleep(200)
  const [{ from } = { from: new Date() }] = await db.$queryRaw<{ from: Date }[]>`SELECT clock_timestamp() AS from`
  const began = performance.now()
  let submitted = 0
  let quiet = 0
  const going: Promise<unknown>[] = []
  while (performance.now() - began < SECONDS * 1000) {
    const due = Math.min(MOST_AT_ONCE, Math.floor((perSecond * (performance.now() - began)) / 1000) - submitted)
    if (due > 0) going.push(submitMany(db, due))
    submitted += Math.max(0, due)
    if (performance.now() - began > quiet * QUIET_EVERY_MS) {
      // By `from` it is no duplicate of a job of an earlier run.
      const job = { jobType: 'sample.noop', parameters: { quiet: quiet++, from: from.toISOString() } }
      going.push(submitJob(db, { organizationId: NEIGHBOUR, actor, job }))
    }
    await sleep(TICK_MS)
  }
  await Promise.all(going)
  while ((await waiting(db)) > 0) await sleep(200)
  return { loud: await waits(db, ORGANIZATION, from), quiet: (await waits(db, NEIGHBOUR, from))! }
}

let serial = 0
const submitMany = (db: Db, count: number) =>
  submitJobs(db, {
    organizationId: ORGANIZATION,
    actor,
    jobs: Array.from({ length: count }, () => ({
      jobType: 'sample.noop',
      parameters: { n: serial++ },
    })),
  })

async function waits(db: Db, organizationId: string, from: Date): Promise<{ p50: number; p99: number } | undefined> {
  const [row] = await db.$queryRaw<{ p50: number | null; p99: number }[]>`
    SELECT 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS p50, 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY waited) AS p99
    FROM (SELECT EXTRACT(EPOCH FROM started_at - created_at)::float8 AS waited FROM jobs
      WHERE organization_id = ${organizationId}::uuid AND created_at >= ${from}) w`
  return row?.p50 == null ? undefined : { p50: row.p50, p99: row.p99 }
}

async function waiting(db: Db): Promise<number> {
  // “Not COMPLETED” stands here once more, so that PostgreSQL takes the index that leaves these out.
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM jobs WHERE status IN ('PENDING', 'QUEUED', 'RUNNING') AND status <> 'COMPLETED'`
  return row!.count
}

async function ended(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number | null }[]>`
    SELECT sum(completed)::int AS count FROM (SELECT completed FROM organization_usage UNION ALL SELECT completed FROM usage_deltas) u`
  return row!.count ?? 0
}
