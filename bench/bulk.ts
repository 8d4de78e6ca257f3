import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { getBulk, startBulk, submitJob, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { NEIGHBOUR, ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

const actor = systemActor('bench')

/**
 * One organization cancels all its waiting jobs while another goes on submitting single ones. Measures how long the
 * call takes, how long the action takes, and how long the other organization's jobs wait meanwhile.
 */
export async function bulkCancel(options: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
  waiting: number
}): Promise<boolean> {
  const { waiting, backend } = options
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const tomorrow = new Date(Date.now() + 86_400_000)
  for (let from = 0; from < waiting; from += 1000) {
    const jobs = Array.from({ length: Math.min(1000, waiting - from) }, (_, i) => ({
      jobType: 'sample.noop',
      parameters: { n: from + i },
      runAt: tomorrow,
    }))
    await submitJobs(db, { organizationId: ORGANIZATION, actor, jobs })
  }
  await db.$executeRaw`VACUUM ANALYZE`
  const worker = startWorkerProcess(options)
  await sleep(5_000) // until the worker has started

  const asked = performance.now()
  const { bulkId } = await startBulk(db, {
    kind: 'CANCEL',
    organizationId: ORGANIZATION,
    selection: { filter: {} },
    role: 'ADMIN',
    actor,
    address: null,
  })
  const answered = performance.now() - asked
  const singles: string[] = []
  let bulk = await getBulk(db, bulkId!, { all: true })
  while (bulk.status === 'RUNNING') {
    singles.push(
      (
        await submitJob(db, {
          organizationId: NEIGHBOUR,
          actor,
          job: { jobType: 'sample.noop', parameters: { single: singles.length } },
        })
      ).id,
    )
    await sleep(200 + Math.random() * 300)
    bulk = await getBulk(db, bulkId!, { all: true })
  }
  const took = (bulk.finishedAt!.getTime() - bulk.createdAt.getTime()) / 1000
  await sleep(2_000) // until the last single job has started
  const [row] = await db.$queryRaw<{ median: number; worst: number; started: number }[]>`
    SELECT 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median, 1000 * max(waited) AS worst, count(waited)::int AS started
    FROM (SELECT EXTRACT(EPOCH FROM started_at - created_at)::float8 AS waited FROM jobs WHERE id = ANY(${singles}::uuid[])) s`
  await worker.stop()
  await db.$disconnect()
  if (bulk.changed !== waiting) throw new Error(`${bulk.changed} of ${waiting} jobs were canceled`)
  if (row?.started !== singles.length) throw new Error(`${row?.started} of ${singles.length} single jobs started`)
  line(`bulk cancel of ${waiting} on ${backend}, the call`, answered, 'ms', undefined)
  line(`bulk cancel of ${waiting} on ${backend}, until the last is CANCELED`, took, 's', undefined)
  line(
    `another organization's single job meanwhile on ${backend}, worst of ${singles.length}`,
    row.worst,
    'ms',
    undefined,
  )
  return line(`another organization's single job meanwhile on ${backend}, median`, row.median, 'ms', { below: 250 })
}
