import { Queue, Worker, createPostgresBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { settleDatabase } from './prepare'

/**
 * Measures how many jobs in a second BullMQ alone runs on the same store, from the moment when its worker is ready to
 * its last job. All are added before, there is one worker, and nothing is kept.
 */
export async function bareBullmq({
  databaseUrl,
  redisUrl,
  jobs,
}: {
  databaseUrl: string
  redisUrl: string | undefined
  jobs: number
}): Promise<number> {
  const name = 'bench-bare'
  const redis = redisUrl ? new Redis(redisUrl, { maxRetriesPerRequest: null }) : undefined
  const pg = { connectionString: databaseUrl, max: 8, migrate: true }
  const queue = redis
    ? new Queue(name, { connection: redis })
    : (new Queue(name, { connection: pg }, createPostgresBackend) as unknown as Queue)
  await queue.obliterate({ force: true }).catch(() => undefined)
  for (let from = 0; from < jobs; from += 1000) {
    const count = Math.min(1000, jobs - from)
    await queue.addBulk(
      Array.from({ length: count }, (_, i) => ({
        name: 'noop',
        data: { n: from + i },
        opts: { removeOnComplete: true, removeOnFail: true },
      })),
    )
  }
  if (!redis) await settleDatabase(databaseUrl)
  const options = { concurrency: 50, autorun: false }
  const nothing = async () => undefined
  const ofWorker = redis && new Redis(redisUrl!, { maxRetriesPerRequest: null })
  const worker = ofWorker
    ? new Worker(name, nothing, { ...options, connection: ofWorker })
    : (new Worker(name, nothing, { ...options, connection: pg }, createPostgresBackend) as unknown as Worker)
  worker.on('error', (error) => console.error(error))
  await worker.waitUntilReady()
  let done = 0
  const started = performance.now()
  const finished = new Promise<void>((resolve) => {
    // A job counts when its end is stored, as a job of ours counts when its outcome is committed.
    worker.on('completed', () => {
      if (++done === jobs) resolve()
    })
  })
  void worker.run()
  await finished
  const seconds = (performance.now() - started) / 1000
  await worker.close()
  await queue.close()
  ofWorker?.disconnect()
  redis?.disconnect()
  return jobs / seconds
}
