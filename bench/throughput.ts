import { setTimeout as sleep } from 'node:timers/promises'
import { createDb, type Db } from '@/server/db'
import { submitJobs } from '@/server/engine'
import { bareBullmq } from './bare-bullmq'
import { line } from './line'
import { graphileWorker } from './peers/graphile-worker'
import { pgBoss } from './peers/pg-boss'
import { ORGANIZATION, prepareDatabase, settleDatabase } from './prepare'
import { processorTime, totalOf, used, type ProcessorTime } from './processor-time'
import { startWorkerProcess } from './worker-process'

/** What a run reached. */
export interface Throughput {
  jobsPerSecond: number
  /** Seconds of processor time from the worker's registration until all jobs were seen to have ended. */
  processor: ProcessorTime
}

/**
 * Rule 10: all jobs are submitted before. One worker process is timed from its registration to the end of the last job
 * (its `finished_at`, a moment before the commit). The checkpoint before keeps one from beginning by itself meanwhile.
 */
export async function throughput(options: {
  databaseUrl: string
  redisUrl: string | undefined
  redisPid?: number
  jobs: number
  workerFile: string
}): Promise<Throughput> {
  const db = createDb(options.databaseUrl, { max: 8 })
  await prepareDatabase(db)
  for (let from = 0; from < options.jobs; from += 1000) {
    const count = Math.min(1000, options.jobs - from)
    await submitJobs(db, {
      organizationId: ORGANIZATION,
      actor: { type: 'system', id: null, name: 'bench' },
      jobs: Array.from({ length: count }, (_, i) => ({ jobType: 'sample.noop', parameters: { n: from + i } })),
    })
  }
  await settleDatabase(options.databaseUrl)
  const worker = startWorkerProcess(options)
  const watched = { workerPid: worker.pid, redisPid: options.redisUrl ? options.redisPid : undefined }
  await registered(db)
  const before = await processorTime(db, watched)
  const seconds = await completed(db, options.jobs)
  const processor = used(before, await processorTime(db, watched))
  await worker.stop()
  await db.$disconnect()
  return { jobsPerSecond: options.jobs / seconds, processor }
}

async function registered(db: Db): Promise<void> {
  while ((await db.worker.count()) === 0) await sleep(20)
}

/** The time from the worker's registration to the end of the last job, both by the database's clock. */
async function completed(db: Db, jobs: number): Promise<number> {
  for (;;) {
    // This looks seldom and by an index, because looking must not slow the run down. The exact end is read from the rows.
    await sleep(400)
    const [row] = await db.$queryRaw<
      { left: boolean }[]
    >`SELECT EXISTS (SELECT 1 FROM jobs WHERE status <> 'COMPLETED') AS left`
    if (!row?.left) break
  }
  const [row] = await db.$queryRaw<{ seconds: number; done: number }[]>`
    SELECT EXTRACT(EPOCH FROM max(j.finished_at) - (SELECT max(started_at) FROM workers))::float8 AS seconds, count(*)::int AS done
    FROM jobs j WHERE status = 'COMPLETED'`
  if (!row || row.done !== jobs) throw new Error(`${row?.done} of ${jobs} jobs completed`)
  return row.seconds
}

/** Measures bare BullMQ and Jobyard on both stores, and on PostgreSQL the other engines. */
export async function compareThroughput(options: {
  databaseUrl: string
  redisUrl: string
  redisPid: number
  peersFolder: string
  jobs: number
  workerFile: string
}): Promise<boolean> {
  let ok = true
  for (const backend of ['redis', 'postgresql'] as const) {
    const redisUrl = backend === 'redis' ? options.redisUrl : undefined
    const bare = await bareBullmq({ ...options, redisUrl })
    const { jobsPerSecond: ours, processor } = await throughput({ ...options, redisUrl })
    // Rule 10 sets these bounds.
    const bar = backend === 'redis' ? 0.5 : 3
    ok = line(`throughput on ${backend}: jobs/s, bare BullMQ`, bare, '', undefined) && ok
    ok = line(`throughput on ${backend}: jobs/s, Jobyard`, ours, '', undefined) && ok
    // Other work on the machine changes the rate much, and the processor time of a job little.
    for (const [part, seconds] of Object.entries({ ...processor, 'all together': totalOf(processor) }))
      line(`  processor time of a job on ${backend}, ${part}`, (1e6 * seconds) / options.jobs, 'µs', undefined)
    ok = line(`throughput on ${backend} against bare BullMQ`, ours / bare, '×', { atLeast: bar }) && ok
    if (backend === 'postgresql') ok = (await comparePeers(options, ours)) && ok
  }
  return ok
}

/** The other engines on the same PostgreSQL. None of them keeps a history, and their fastest ways are printed without a bar. */
async function comparePeers(
  options: { databaseUrl: string; peersFolder: string; jobs: number },
  ours: number,
): Promise<boolean> {
  const peers = [
    {
      name: 'graphile-worker, as it comes',
      run: () => graphileWorker(options, { batches: false }),
      bar: { atLeast: 1 },
    },
    { name: 'graphile-worker, local queue of 500', run: () => graphileWorker(options, { batches: true }) },
    { name: 'pg-boss, work()', run: () => pgBoss(options, { batches: false }), bar: { atLeast: 1 } },
    { name: 'pg-boss, fetch of 100 in 4 loops', run: () => pgBoss(options, { batches: true }) },
  ]
  let ok = true
  for (const { name, run, bar } of peers) {
    const theirs = await run()
    line(`throughput: jobs/s, ${name}`, theirs, '', undefined)
    ok = line(`throughput on postgresql against ${name}`, ours / theirs, '×', bar) && ok
  }
  return ok
}
