// `npm run test:chaos [-- --jobs 10000 --seed N --backend redis|postgres|both --seconds N]`: a real
// cluster in a built copy of this clone, on servers of its own, under faults; then an audit.
// `--short` is what `npm test` runs. `--clone <folder>` keeps the copy there, so that the next campaign
// builds only what has changed.
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureDependencies } from '../launcher/install.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { signalCommands } from '../launcher/processes.mjs'
import { fail, say } from '../launcher/say.mjs'
import { findRedis } from '../testing/redis.mjs'
import { buildClone, cleanEnvironment, copyClone } from '../testing/clone.mjs'

process.chdir(root)
const given = process.argv.slice(2)
const at = given.indexOf('--clone')
const kept = at < 0 ? null : path.resolve(given.splice(at, 2)[1] ?? '')
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-chaos-')))
chmodSync(folder, 0o711) // the database's user passes through when root runs this
/** @type {import('node:child_process').ChildProcess | null} */
let campaign = null
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => (campaign ? campaign.kill('SIGTERM') : signalCommands('SIGTERM')))
}
let code = 1
/** @type {unknown} */
let problem = null
try {
  await ensureDependencies()
  const redis = await findRedis() // fetched here once, where there is none
  const clone = await copyClone(kept ?? path.join(folder, 'clone'))
  await buildClone(clone)
  /** @type {import('../launcher/processes.mjs').Environment} */
  const env = {
    ...cleanEnvironment(),
    JOBYARD_STATE_DIR: path.join(folder, 'state'),
    REDIS_SERVER_BIN: redis.file,
    LD_LIBRARY_PATH: redis.env.LD_LIBRARY_PATH,
  }
  campaign = spawn(process.execPath, ['--import', 'tsx', 'chaos/main.ts', path.join(folder, 'run'), ...given], {
    cwd: clone,
    stdio: 'inherit',
    env: /** @type {NodeJS.ProcessEnv} */ (env),
  })
  code = await new Promise((resolve) => campaign?.on('exit', (status) => resolve(status ?? 1)))
  if (code !== 0) keepLogs()
} catch (error) {
  problem = error
}
rmSync(folder, { recursive: true, force: true })
if (problem) fail(problem)
process.exit(code)

/** What the processes of a failed campaign said. */
function keepLogs() {
  const target = inRoot('.local/chaos', path.basename(folder))
  cpSync(folder, target, {
    recursive: true,
    filter: (source) =>
      statSync(source).isDirectory() ? !/\/(data|storage|native|clone|redis)$/.test(source) : source.endsWith('.log'),
  })
  say(`The logs are in ${target}`)
}
