import { Queue, Worker, createPostgresBackend } from 'bullmq'
import { Redis } from 'ioredis'

/**
 * Measures how many jobs in a second BullMQ alone runs on the same store. All are added before, there is one worker,
 * and nothing is kept.
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
  let done = 0
  const started = performance.now()
  const finished = new Promise<void>((resolve) => {
    const process = async () => {
      // A job counts at the end of its run, as a job of ours counts when its outcome is committed.
    }
    const options = { concurrency: 50, removeOnComplete: { count: 0 } }
    const worker = redis
      ? new Worker(name, process, { ...options, connection: new Redis(redisUrl!, { maxRetriesPerRequest: null }) })
      : (new Worker(name, process, { ...options, connection: pg }, createPostgresBackend) as unknown as Worker)
    worker.on('error', () => undefined)
    worker.on('completed', () => {
      if (++done === jobs) void worker.close().then(() => resolve())
    })
  })
  await finished
  const seconds = (performance.now() - started) / 1000
  await queue.close()
  redis?.disconnect()
  return jobs / seconds
}
