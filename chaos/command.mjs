import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureDependencies } from '../launcher/install.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { signalCommands } from '../launcher/processes.mjs'
import { fail, say } from '../launcher/say.mjs'
import { buildClone, cleanEnvironment, copyClone } from '../testing/clone.mjs'
import { findRedis } from '../testing/redis.mjs'

/**
 * Runs a campaign: a real cluster in a built copy of this clone, on servers of its own, under faults, and then an
 * audit. Ends the process with the campaign's exit code. The logs of a campaign that failed are kept.
 * @param {string[]} words options of the campaign (chaos/main.ts), and `--clone <folder>`, which keeps the copy there so
 *   that the next campaign builds only what has changed
 */
export async function runChaos(words) {
  process.chdir(root)
  const { cloneFolder, options } = takeCloneOption(words)
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-chaos-')))
  chmodSync(folder, 0o711) // When root runs this, PostgreSQL's user passes through the folder.
  try {
    const code = await campaign(folder, cloneFolder ?? path.join(folder, 'clone'), options)
    if (code !== 0) say(`The logs are in ${keepLogs(folder)}`)
    rmSync(folder, { recursive: true, force: true })
    process.exit(code)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    fail(error)
  }
}

/** @param {string[]} words @returns {{ cloneFolder: string | null, options: string[] }} */
function takeCloneOption(words) {
  const options = [...words]
  const at = options.indexOf('--clone')
  const cloneFolder = at < 0 ? null : path.resolve(options.splice(at, 2)[1] ?? '')
  return { cloneFolder, options }
}

/**
 * @param {string} folder of this campaign: data, logs and state of its cluster
 * @param {string} cloneFolder
 * @param {string[]} options
 * @returns {Promise<number>} its exit code
 */
async function campaign(folder, cloneFolder, options) {
  /** @type {import('node:child_process').ChildProcess | null} */
  let running = null
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => (running ? running.kill('SIGTERM') : signalCommands('SIGTERM')))
  }
  await ensureDependencies()
  const redis = await findRedis() // Where there is none it is fetched here, once, and not for each server of the cluster.
  const clone = await copyClone(cloneFolder)
  await buildClone(clone)
  /** @type {import('../launcher/processes.mjs').Environment} */
  const env = {
    ...cleanEnvironment(),
    JOBYARD_STATE_DIR: path.join(folder, 'state'),
    REDIS_SERVER_BIN: redis.file,
    LD_LIBRARY_PATH: redis.env.LD_LIBRARY_PATH,
  }
  const child = spawn(process.execPath, ['--import', 'tsx', 'chaos/main.ts', path.join(folder, 'run'), ...options], {
    cwd: clone,
    stdio: 'inherit',
    env: /** @type {NodeJS.ProcessEnv} */ (env),
  })
  running = child
  return new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)))
}

/**
 * Copies what the processes of a campaign have logged.
 * @param {string} folder
 * @returns {string} where the logs are now
 */
function keepLogs(folder) {
  const target = inRoot('.local/chaos', path.basename(folder))
  cpSync(folder, target, {
    recursive: true,
    filter: (source) =>
      statSync(source).isDirectory() ? !/\/(data|storage|native|clone|redis)$/.test(source) : source.endsWith('.log'),
  })
  return target
}
