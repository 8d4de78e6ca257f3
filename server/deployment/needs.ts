import type { WebEnv, WorkerEnv } from '@/server/env'
import type { Logger } from '@/server/logger'
import { storageSettings } from '@/server/storage'
import { isSupervised } from '@/server/supervised'
import { checkAtStart, type Needs } from './at-start'

/** What a web process needs. It has no way to Redis. */
export const needsOfWeb = (env: WebEnv): Needs => ({
  databaseUrl: env.DATABASE_URL,
  storage: storageSettings(env),
  secrets: { NEXTAUTH_SECRET: env.NEXTAUTH_SECRET },
})

/** What a worker needs. */
export const needsOfWorker = (env: WorkerEnv): Needs => ({
  databaseUrl: env.DATABASE_URL,
  redisUrl: env.REDIS_URL,
  storage: storageSettings(env),
  secrets: { HTTP_REQUEST_SECRET: env.HTTP_REQUEST_SECRET },
})

/**
 * For a process without a supervisor, as in `node dist/worker.mjs --wait`: does what `checkAtStart` does. Under a
 * supervisor nothing is checked here. The command that started it has looked at the servers, and a process that is
 * started again because PostgreSQL was away must not end because PostgreSQL is still away. Each process has made sure
 * before this that it can keep files (`requireStorage`).
 */
export async function checkBeforeStart(needs: Needs, logger: Logger): Promise<void> {
  if (!isSupervised()) await checkAtStart(needs, { wait: process.argv.includes('--wait'), logger })
}
