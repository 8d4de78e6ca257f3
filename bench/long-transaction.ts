import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createDb, type Db } from '@/server/db'
import { submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { ORGANIZATION, prepareDatabase } from './prepare'
import { processorTime, totalOf, used } from './processor-time'
import { startWorkerProcess } from './worker-process'

const actor = systemActor('bench')
/** Jobs that wait or run at most. When half of them have ended, 2,000 others are submitted. */
const AHEAD = 4_000
/** Jobs that go through before anything is measured. */
const WARM_UP = 5_000
/** Tables into which each job writes. How many dead rows they have, and how large they are, is printed. */
const TABLES = [
  'jobs',
  'job_inputs',
  'job_attempts',
  'execution_logs',
  'dedupe_claims',
  'usage_deltas',
  'organization_usage',
]

/**
 * Jobs go through all the time, for `seconds` without anything else, and then for as long beside a transaction that
 * somebody has left open, as a forgotten psql or a backup does. Dead rows cannot be removed while it is open. What a
 * job costs then is compared in processor time, because other work on the machine changes the rate.
 */
export async function longTransaction(stores: {
  databaseUrl: string
  redisUrl: string
  redisPid: number
  workerFile: string
  seconds: number
}): Promise<boolean> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  await db.$executeRaw`VACUUM (FULL, ANALYZE)`
  const worker = startWorkerProcess(stores)
  const watched = { workerPid: worker.pid, redisPid: stores.redisPid }
  const load = keepBusy(db)
  // Until then the worker starts, and its code is not yet optimized.
  while ((await completedJobs(db)) < WARM_UP) await sleep(500)

  const stretch = async (name: string) => {
    const [done, before, began] = [await completedJobs(db), await processorTime(db, watched), performance.now()]
    await sleep(stores.seconds * 1000)
    const jobs = (await completedJobs(db)) - done
    const seconds = totalOf(used(before, await processorTime(db, watched)))
    line(`long transaction: ${name}: jobs in a second`, (1000 * jobs) / (performance.now() - began), '', undefined)
    line(`long transaction: ${name}: processor time of a job`, (1e6 * seconds) / jobs, 'µs', undefined)
    for (const { table, dead, bytes } of await sizes(db)) {
      line(`  ${name}: dead rows of ${table}`, dead, '', undefined)
      line(`  ${name}: size of ${table} with its indexes`, bytes / 2 ** 20, 'MiB', undefined)
    }
    return seconds / jobs
  }
  const alone = await stretch('none open')
  const forgotten = new pg.Client({ connectionString: stores.databaseUrl })
  await forgotten.connect()
  // The first statement of such a transaction takes the snapshot that it keeps to its end.
  await forgotten.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await forgotten.query('SELECT count(*) FROM jobs WHERE FALSE')
  const beside = await stretch('one open')
  await forgotten.query('ROLLBACK')
  await forgotten.end()
  const after = await stretch('after its end')

  await load.stop()
  await worker.stop()
  await db.$disconnect()
  const bar = { below: 1.1 }
  const first = line(
    'long transaction: processor time of a job beside it, against without',
    beside / alone,
    'times',
    bar,
  )
  return (
    line('long transaction: processor time of a job after it, against before', after / alone, 'times', bar) && first
  )
}

/** Goes on submitting so that there is always something to do, and never much. */
function keepBusy(db: Db) {
  let stopped = false
  const work = (async () => {
    for (let n = 0; !stopped;) {
      // “Not COMPLETED” stands here once more, so that PostgreSQL takes the index that leaves these out.
      const [row] = await db.$queryRaw<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM jobs WHERE status IN ('PENDING', 'QUEUED', 'RUNNING') AND status <> 'COMPLETED'`
      if (row!.waiting > AHEAD / 2) {
        await sleep(50)
        continue
      }
      for (let part = 0; part < 2; part++) {
        const jobs = Array.from({ length: 1000 }, () => ({ jobType: 'sample.noop', parameters: { n: n++ } }))
        await submitJobs(db, { organizationId: ORGANIZATION, actor, jobs })
      }
    }
  })()
  return {
    async stop() {
      stopped = true
      await work
    },
  }
}

async function completedJobs(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT sum(completed)::int AS count FROM (SELECT completed FROM organization_usage UNION ALL SELECT completed FROM usage_deltas) u`
  return row!.count ?? 0
}

const sizes = (db: Db) => db.$queryRaw<{ table: string; dead: number; bytes: number }[]>`
  SELECT relname AS table, n_dead_tup::int AS dead, pg_total_relation_size(relid)::float8 AS bytes FROM pg_stat_user_tables
  WHERE relname = ANY(${TABLES}::text[]) ORDER BY relname`
