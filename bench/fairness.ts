import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { submitJob, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { NEIGHBOUR, ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

const SINGLES = 20
const actor = systemActor('bench')

/**
 * Rule 4.11 and rule 10: one organization floods the engine with isolated jobs, and another submits single ones, one
 * after the other. Measures how long these wait, by the database's clock.
 */
export async function fairness(options: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
  waiting: number
  durationMs: number
  /** Milliseconds that the median, or the worst, may take. */
  bar: { median: number } | { worst: number }
}): Promise<boolean> {
  const { waiting, durationMs, bar, backend } = options
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const job = (n: number) => ({ jobType: 'sample.work', parameters: { durationMs, data: n } })
  for (let from = 0; from < waiting; from += 1000) {
    const jobs = Array.from({ length: Math.min(1000, waiting - from) }, (_, i) => job(from + i))
    await submitJobs(db, { organizationId: ORGANIZATION, actor, jobs })
  }
  await db.$executeRaw`VACUUM ANALYZE`
  const worker = startWorkerProcess(options)
  await sleep(5_000) // until the worker has started and is busy
  const singles: string[] = []
  for (let n = 0; n < SINGLES; n++) {
    singles.push((await submitJob(db, { organizationId: NEIGHBOUR, actor, job: job(n) })).id)
    await sleep(700 + Math.random() * durationMs)
  }
  await sleep(2_000) // until the last single job has started
  const [row] = await db.$queryRaw<{ median: number; worst: number; started: number }[]>`
    SELECT 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median, 1000 * max(waited) AS worst, count(waited)::int AS started
    FROM (SELECT EXTRACT(EPOCH FROM started_at - created_at)::float8 AS waited FROM jobs WHERE id = ANY(${singles}::uuid[])) s`
  await worker.stop()
  await db.$disconnect()
  if (row?.started !== SINGLES) throw new Error(`${row?.started} of ${SINGLES} single jobs started`)
  const what = `another organization's single job behind ${waiting} of ${durationMs} ms on ${backend}`
  return 'median' in bar
    ? line(`${what}, median`, row.median, 'ms', { below: bar.median })
    : line(`${what}, worst of ${SINGLES}`, row.worst, 'ms', { below: bar.worst })
}

/**
 * Rule 4.11 and rule 10: one organization fills every slot with jobs of an hour, and another submits its first job.
 * Measures how long that one waits.
 */
export async function longJobs(options: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
}): Promise<boolean> {
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const job = (n: number) => ({
    jobType: 'sample.work',
    parameters: { durationMs: 3_600_000, data: n },
    timeoutSeconds: 7_200,
  })
  await submitJobs(db, { organizationId: ORGANIZATION, actor, jobs: Array.from({ length: 100 }, (_, n) => job(n)) })
  const worker = startWorkerProcess(options)
  await sleep(5_000) // until the worker has started and is busy
  const { id } = await submitJob(db, {
    organizationId: NEIGHBOUR,
    actor,
    job: { jobType: 'sample.work', parameters: { durationMs: 10 } },
  })
  await sleep(3_000) // Longer than the bar of 2 s. A job that has not started by then does not reach it.
  const [row] = await db.$queryRaw<{ waited: number | null; running: number }[]>`
    SELECT 1000 * EXTRACT(EPOCH FROM started_at - created_at)::float8 AS waited,
      (SELECT count(*)::int FROM jobs WHERE status = 'RUNNING' AND organization_id = ${ORGANIZATION}::uuid) AS running
    FROM jobs WHERE id = ${id}::uuid`
  await worker.stop()
  await db.$disconnect()
  const what = `another organization's first job while one has ${row?.running} slots with jobs of an hour on ${options.backend}`
  return line(what, row?.waited ?? Infinity, 'ms', { below: 2_000 })
}
