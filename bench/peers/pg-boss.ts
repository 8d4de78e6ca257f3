import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { settleDatabase } from '../prepare'
import { loadPeer, type PgBossPackage } from './load'

const QUEUE = 'noop'
/** Loops that fetch side by side, and the jobs that each fetches at once. */
const LOOPS = 4
const BATCH = 100

/**
 * Measures how many jobs one pg-boss completes in a second. All jobs are added before the clock starts. The clock stops
 * when the last completion is committed. With `batches`, four loops of ours call `fetch` and `complete` for 100 jobs at a
 * time, its fastest way. Without it, it is `work()`, with batches of 500 and the shortest pause that it allows, half a
 * second.
 */
export async function pgBoss(
  { databaseUrl, peersFolder, jobs }: { databaseUrl: string; peersFolder: string; jobs: number },
  { batches }: { batches: boolean },
): Promise<number> {
  const { PgBoss } = await loadPeer<PgBossPackage>(peersFolder, 'pg-boss')
  const boss = new PgBoss({ connectionString: databaseUrl, max: 10, supervise: false, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
  await boss.createQueue(QUEUE)
  await boss.deleteAllJobs(QUEUE)
  for (let from = 0; from < jobs; from += 1000)
    await boss.insert(
      QUEUE,
      Array.from({ length: Math.min(1000, jobs - from) }, (_, n) => ({ data: { n: from + n } })),
    )
  await settleDatabase(databaseUrl)
  let ended = 0
  const began = performance.now()
  if (batches) {
    const loop = async () => {
      for (;;) {
        const fetched = await boss.fetch(QUEUE, { batchSize: BATCH })
        if (fetched.length === 0) return
        await boss.complete(
          QUEUE,
          fetched.map(({ id }) => id),
        )
        ended += fetched.length
      }
    }
    await Promise.all(Array.from({ length: LOOPS }, loop))
  } else {
    await boss.work(QUEUE, { batchSize: 500, pollingIntervalSeconds: 0.5 }, (batch) => {
      ended += batch.length
      return Promise.resolve()
    })
    // pg-boss completes a batch after its handler has returned.
    while (ended < jobs || (await uncompleted(databaseUrl))) await sleep(5)
  }
  const seconds = (performance.now() - began) / 1000
  await boss.stop({ graceful: true })
  if (ended < jobs) throw new Error(`pg-boss ran ${ended} of ${jobs} jobs`)
  return jobs / seconds
}

/** Whether pg-boss still has jobs that it has not completed. */
async function uncompleted(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query(`SELECT FROM pgboss.job WHERE name = $1 AND state <> 'completed' LIMIT 1`, [
      QUEUE,
    ])
    return rows.length > 0
  } finally {
    await client.end()
  }
}
