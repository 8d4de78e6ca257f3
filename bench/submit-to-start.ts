import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { submitJob } from '@/server/engine'
import { line } from './line'
import { ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

/** Jobs that are measured, and those before them that warm up. */
const ROUNDS = 200
const WARM_UP = 20

/** Rule 10: the time from submission to start on an idle system, both by the database's clock. */
export async function submitToStart(options: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
}): Promise<boolean> {
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const worker = startWorkerProcess(options)
  await sleep(3_000) // until the worker has started
  for (let n = 0; n < ROUNDS + WARM_UP; n++) {
    await submitJob(db, {
      organizationId: ORGANIZATION,
      job: { jobType: 'sample.noop', parameters: { n } },
      actor: { type: 'system', id: null, name: 'bench' },
    })
    await sleep(50 + Math.random() * 20)
  }
  await worker.stop()
  const [row] = await db.$queryRaw<{ p50: number; p99: number }[]>`
    SELECT 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS p50, 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY waited) AS p99
    FROM (SELECT EXTRACT(EPOCH FROM started_at - created_at)::float8 AS waited FROM jobs ORDER BY id OFFSET ${WARM_UP}::int) warm`
  await db.$disconnect()
  const median = line(`submit to start on ${options.backend}, median`, row!.p50, 'ms', { below: 15 })
  return line(`submit to start on ${options.backend}, p99`, row!.p99, 'ms', { below: 60 }) && median
}
