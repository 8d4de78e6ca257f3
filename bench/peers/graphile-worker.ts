import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { settleDatabase } from '../prepare'
import { loadPeer, type GraphileWorker } from './load'

/** Jobs that graphile-worker's fastest setting takes to itself at once. */
const LOCAL_QUEUE = 500

/**
 * Jobs in a second that one graphile-worker of 50 slots runs. All are added before the clock starts. The time includes
 * the start of the runner, and ends when the end of every job is committed: then no row of a job is left.
 * `batches` is its fastest setting: it takes 500 jobs at once and writes their ends together. It keeps no history.
 */
export async function graphileWorker(
  { databaseUrl, peersFolder, jobs }: { databaseUrl: string; peersFolder: string; jobs: number },
  { batches }: { batches: boolean },
): Promise<number> {
  const { run, runMigrations, Logger } = await loadPeer<GraphileWorker>(peersFolder, 'graphile-worker')
  const logger = new Logger(() => () => undefined)
  await runMigrations({ connectionString: databaseUrl, logger })
  const db = createDb(databaseUrl, { max: 2 })
  await db.$executeRaw`
    SELECT graphile_worker.add_jobs(array_agg(json_populate_record(NULL::graphile_worker.job_spec,
      json_build_object('identifier', 'noop', 'payload', json_build_object('n', n)))))::text
    FROM generate_series(1, ${jobs}::int) AS n`
  await settleDatabase(databaseUrl)
  let ended = 0
  const began = performance.now()
  const runner = await run({
    connectionString: databaseUrl,
    concurrency: 50,
    maxPoolSize: 10,
    noHandleSignals: true,
    logger,
    taskList: {
      noop: () => {
        ended++
        return Promise.resolve()
      },
    },
    ...(batches && {
      preset: { worker: { localQueue: { size: LOCAL_QUEUE }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    }),
  })
  for (;;) {
    await sleep(ended < jobs ? 50 : 5)
    if (ended < jobs) continue
    const [row] = await db.$queryRaw<{ left: boolean }[]>`SELECT EXISTS (SELECT 1 FROM graphile_worker.jobs) AS left`
    if (!row!.left) break
  }
  const seconds = (performance.now() - began) / 1000
  await runner.stop()
  await db.$executeRaw`DROP SCHEMA graphile_worker CASCADE`
  await db.$disconnect()
  return jobs / seconds
}
