import '@/server/private-files.mjs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createDb, SILENCE_MS } from '@/server/db'
import { crewOf } from '@/server/engine'
import { orExit, readEnv, type WorkerEnv } from '@/server/env'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { checkBeforeStart, needsOfWorker } from '@/server/deployment/needs'
import { holdSecrets, type HeldSecrets } from '@/server/deployment/shared-secrets'
import { createLogger } from '@/server/logger'
import { storageSettings } from '@/server/storage'
import { requireStorage } from '@/server/storage/usable'
import { answerSupervisor, tellReady } from '@/server/supervised'
import { logDeadLetters } from '@/server/telemetry/dead-letter-log'
import { startTracing, tracing } from '@/server/telemetry/tracing/tracing'
import { writeOnlyJson } from '@/server/telemetry/only-json'
import { builtFolder } from './catalog/built'
import { handlerKeys, takeBuiltHandlers } from './catalog/catalog'
import type { MessageSettings, OutsideSettings } from './handler'
import type { Connections } from './options'
import { startHealthServer } from './health-server'
import { handlersReloader } from './reload-handlers'
import { LEASE_ANSWER_MS } from './run/lease-keeper'
import { versionOf } from './version'
import { startWorker, type RunningWorker } from './worker'

// Starts a worker process, and ends it in order when it is told to stop.

/** At once there are at most one dispatch, two batches of claims and two batches of outcomes. */
const HOT_CONNECTIONS = 5

/** The worker process: starts from the environment, drains on SIGTERM, answers its supervisor. */
async function main(): Promise<void> {
  loadEnvFile()
  const env = orExit(readEnv)
  const storage = storageSettings(env)
  await Promise.all([requireStorage(storage), startTracing('jobyard-worker')])
  const logger = createLogger('worker', env.LOG_LEVEL)
  if (process.env.NODE_ENV === 'production') writeOnlyJson(logger)
  await checkBeforeStart(needsOfWorker(env), logger)
  const here = dirname(fileURLToPath(import.meta.url))
  const connections = connect(env.DATABASE_URL)
  const handlersFolder = builtFolder(handlersArgument(), here)
  const running: { worker?: RunningWorker; held?: HeldSecrets } = {}
  let stopping: Promise<void> | undefined

  const stop = (why: string) => {
    stopping ??= (async () => {
      logger.info({ why, seconds: env.DRAIN_SECONDS }, 'draining')
      void running.held?.release()
      await running.worker?.drain(env.DRAIN_SECONDS)
      await tracing()?.stop()
      process.exit(0)
    })()
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  answerSupervisor(() => stop('the supervisor is gone'))

  // Taken before anything asks which handlers there are.
  const handlerProblems = takeBuiltHandlers(handlersFolder)
  const start = async () =>
    startWorker({
      connections,
      databaseUrl: env.DATABASE_URL,
      redisUrl: env.REDIS_URL,
      storage,
      projectRoot: process.cwd(),
      slots: { ISOLATED: env.ISOLATED_SLOTS, INLINE: env.INLINE_SLOTS },
      crew: crewOf(env.WORKER_POOLS ?? null, handlerKeys()),
      outside: outsideSettings(env),
      messages: messageSettings(env),
      handlerProblems,
      threadFile: resolve(here, 'thread.cjs'),
      host: hostname(),
      build: await versionOf(process.cwd()),
      drainSeconds: env.DRAIN_SECONDS,
      logger,
      // process.exit would wait for threads, also for one that sits in a call outside of JavaScript.
      exit: () => process.kill(process.pid, 'SIGKILL'),
      onDrain: () => stop('an administrator asked for it'),
      countMetrics: env.HEALTH_PORT !== undefined && env.METRICS_TOKEN !== undefined,
    })
  if (env.HEALTH_PORT !== undefined)
    startHealthServer({
      port: env.HEALTH_PORT,
      db: connections.db,
      phase: () => (stopping ? 'draining' : running.worker ? 'running' : 'starting'),
      metricsToken: env.METRICS_TOKEN,
      logger,
    })
  running.held = holdSecrets(connections.db, { HTTP_REQUEST_SECRET: env.HTTP_REQUEST_SECRET }, logger)
  logDeadLetters(connections.db, logger)
  const started = start()
  process.on('message', handlersReloader(started, connections.db, logger))
  running.worker = await started
  tellReady()
}

function connect(databaseUrl: string): Connections {
  const applicationName = 'jobyard-worker'
  return {
    db: createDb(databaseUrl, { max: 4, applicationName, workload: 'byKey', silenceMs: SILENCE_MS }),
    hotDb: createDb(databaseUrl, { max: HOT_CONNECTIONS, applicationName, workload: 'hotPath', silenceMs: SILENCE_MS }),
    hotConnections: HOT_CONNECTIONS,
    leaseDb: createDb(databaseUrl, { max: 2, applicationName, workload: 'byKey', answerMs: LEASE_ANSWER_MS }),
  }
}

/**
 * Its supervisor says which build of one's own handlers to take. `--wait`, which is allowed here, is read where it is
 * checked what the worker needs (server/deployment/needs.ts).
 */
const handlersArgument = () =>
  parseArgs({ options: { handlers: { type: 'string' }, wait: { type: 'boolean' } } }).values.handlers

/** Both or nothing: a service is called with a signature, and is told where to report. */
function outsideSettings({ NEXTAUTH_URL, HTTP_REQUEST_SECRET, HTTP_REQUEST_ALLOW }: WorkerEnv): OutsideSettings | null {
  if (!NEXTAUTH_URL || !HTTP_REQUEST_SECRET) return null
  return {
    callbackUrl: new URL('/api/trpc', NEXTAUTH_URL).href,
    secret: HTTP_REQUEST_SECRET,
    allow: HTTP_REQUEST_ALLOW,
  }
}

function messageSettings({ SMTP_URL, MAIL_FROM, HTTP_REQUEST_ALLOW, NEXTAUTH_URL }: WorkerEnv): MessageSettings {
  return {
    mail: SMTP_URL && MAIL_FROM ? { url: SMTP_URL, from: MAIL_FROM } : null,
    allow: HTTP_REQUEST_ALLOW,
    dashboard: NEXTAUTH_URL ?? null,
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
