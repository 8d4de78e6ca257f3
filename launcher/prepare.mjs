import { chmodSync, statSync } from 'node:fs'
import path from 'node:path'
import { tighten } from '../server/storage/writable.mjs'
import { urlOf } from './address.mjs'
import { choosePort } from './choose-port.mjs'
import { startEmbeddedPostgres } from './embedded-postgres.mjs'
import { ensureDependencies } from './install.mjs'
import { refuseSecondStart, refuseUnusableState, takeLock } from './lock.mjs'
import { inState, stateDir } from './paths.mjs'
import { probePostgres } from './probe-postgres.mjs'
import { probeRedis } from './probe-redis.mjs'
import { removeRunFile, writeRunFile } from './run-file.mjs'
import { Refusal, say, step } from './say.mjs'
import { localSecret } from './secrets.mjs'
import { seed } from './seed.mjs'
import { loadEnvFile, readSettings, refuseUnusableBucket, refuseUnusableStorage } from './settings.mjs'
import { rotate } from './supervisor.mjs'

/**
 * @typedef {object} Prepared
 * @property {import('./settings.mjs').Settings} settings
 * @property {number} port
 * @property {string} url
 * @property {import('./processes.mjs').Environment} env what web and worker are started with
 * @property {() => Promise<void>} releasePort just before the web process takes it
 * @property {(name: 'web' | 'worker') => (pid: number) => void} started makes the callback that notes the id of a process
 *   that has started
 * @property {(seedCommand?: string[]) => Promise<void>} fillDatabase migrates and seeds
 * @property {() => import('./run-file.mjs').Run} announce writes run.json, and again whenever a process is started anew
 */

/**
 * The part that `npm start` and `npm run dev` have in common: everything before the two processes start.
 * @param {import('./shutdown.mjs').Shutdown} shutdown
 * @param {'production' | 'development'} mode
 * @returns {Promise<Prepared>}
 */
export async function prepare(shutdown, mode) {
  // What can be checked without changing anything is checked first.
  checkNode()
  refuseUnusableState()
  refuseSecondStart()
  loadEnvFile()
  const settings = readSettings(process.env)
  if (process.env.STORAGE_DIR) refuseUnusableStorage(path.resolve(process.env.STORAGE_DIR))
  const { port, release } = await choosePort(settings)
  await Promise.all([
    settings.databaseUrl && probePostgres(settings.databaseUrl),
    settings.redisUrl && probeRedis(settings.redisUrl),
  ])

  say(
    `Jobyard · database: ${settings.databaseUrl ? 'DATABASE_URL' : 'embedded PostgreSQL'} · queue: BullMQ on ${settings.redisUrl ? 'Redis (REDIS_URL)' : 'PostgreSQL'}`,
  )
  const lock = await takeLock()
  shutdown.atEnd(() => {
    removeRunFile()
    lock.release()
  })
  removeRunFile() // A killed run may have left this file.
  tightenState()
  const storageDir = process.env.STORAGE_DIR ? path.resolve(process.env.STORAGE_DIR) : inState('storage')
  refuseUnusableStorage(storageDir)
  await ensureDependencies()
  await refuseUnusableBucket(process.env)

  /** @type {import('./run-file.mjs').Run['pids']} */
  const pids = { web: null, worker: null, postgres: null }
  let announced = () => {}
  /** @param {keyof typeof pids} name */
  const started = (name) => (/** @type {number} */ pid) => {
    pids[name] = pid
    lock.setChild(name, pid)
    announced()
  }

  const databaseUrl =
    settings.databaseUrl ?? (await step('Starting PostgreSQL', () => embedded(shutdown, started('postgres'))))
  const url = urlOf(settings.host, port)
  const env = {
    ...process.env,
    NODE_ENV: mode,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    HOST: settings.host,
    NEXTAUTH_URL: process.env.NEXTAUTH_URL ?? url,
    NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET ?? localSecret('nextAuthSecret'),
    HTTP_REQUEST_SECRET: process.env.HTTP_REQUEST_SECRET ?? localSecret('httpRequestSecret'),
    STORAGE_DIR: storageDir,
    DRAIN_SECONDS: String(settings.drainSeconds),
    NEXT_TELEMETRY_DISABLED: '1',
    // Demo accounts are made only in a database of our own.
    JOBYARD_EMBEDDED: settings.databaseUrl ? undefined : '1',
    JOBYARD_DEMO_FILE: settings.databaseUrl ? undefined : inState('demo.json'),
  }

  /** @type {Awaited<ReturnType<typeof seed>>} */
  let access = { accounts: [], apiKeys: [] }
  return {
    settings,
    port,
    url,
    env,
    releasePort: release,
    started,
    fillDatabase: async (seedCommand) => {
      const { migrate } = await import('./migrations.mjs')
      // Nobody but this start uses the database of its own. What an earlier start left is being ended.
      await migrate(databaseUrl, { bullmq: settings.redisUrl === null, force: !settings.databaseUrl })
      const seeded = await seed(env, seedCommand)
      if (!settings.databaseUrl) access = seeded
    },
    announce: () => {
      const run = { url, databaseUrl, redisUrl: settings.redisUrl, pids, ...access }
      announced = () => writeRunFile(run)
      announced()
      lock.setUrl(url)
      return run
    },
  }
}

/**
 * @param {import('./shutdown.mjs').Shutdown} shutdown
 * @param {(pid: number) => void} onStart
 */
async function embedded(shutdown, onStart) {
  const logFile = inState('logs/postgres.log')
  rotate(logFile)
  const { url } = await startEmbeddedPostgres({
    logFile,
    onStart,
    onSupervisor: (supervisor) => shutdown.stopLast(supervisor),
  })
  return url
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Refusal(`Node.js ${process.versions.node} is too old; 20.19 or newer is needed (https://nodejs.org).`)
  }
  if (process.platform === 'win32') throw new Refusal('Windows is not supported directly. Use WSL.')
}

/**
 * Closes files that an earlier version left open to others. The database's folder is closed elsewhere. Where root runs
 * this, the database's user passes through our folder by its group (postgres-home.mjs).
 */
function tightenState() {
  for (const name of ['storage', 'logs', 'demo.json', 'postgres.json', 'secrets.json', 'start.json'])
    tighten(inState(name))
  const { mode, uid } = statSync(stateDir)
  // The sticky bit says that others write into the folder, too, as into /tmp.
  const shared = mode & 0o1000 || uid !== process.getuid?.()
  if (!shared) chmodSync(stateDir, mode & (uid === 0 ? 0o710 : 0o700))
}
