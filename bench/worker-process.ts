import { spawn } from 'node:child_process'
import { once } from 'node:events'

// Starts worker processes for benches.

export interface WorkerStores {
  databaseUrl: string
  /** BullMQ is on PostgreSQL where there is none. */
  redisUrl: string | undefined
  workerFile: string
  /** Variables that this worker has besides those of the bench. */
  env?: { STORAGE_DIR: string; [name: string]: string }
}

/** Starts one worker process as in production. `stop` drains it. */
export function startWorkerProcess({ databaseUrl, redisUrl, workerFile, env }: WorkerStores) {
  const worker = spawn(process.execPath, [workerFile], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl ?? '',
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
    },
  })
  // A bench that is interrupted leaves no worker behind.
  process.once('exit', () => worker.kill('SIGKILL'))
  return {
    pid: worker.pid!,
    async stop() {
      worker.kill('SIGTERM')
      await once(worker, 'exit')
    },
  }
}
