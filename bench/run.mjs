// `npm run bench` starts servers of its own. Everything is measured in one run, so that figures can be compared with
// each other.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { startEmbeddedPostgres } from '../launcher/embedded-postgres.mjs'
import { ensureDependencies } from '../launcher/install.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { buildClone, copyClone } from '../testing/clone.mjs'
import { startRedis } from '../testing/redis.mjs'
import { openWorkbench } from '../testing/workbench.mjs'
import { benchOptions, USAGE } from './options.mjs'
import { installPeers } from './peers/install.mjs'

process.chdir(root)
const { json, needsWeb, needsPeers, needsKept } = givenOptions()
// With --json nothing but the figures goes to the standard output, so what is being done is said on the other.
if (json) process.stdout.write = process.stderr.write.bind(process.stderr)
const { bench, cleanUp } = openWorkbench([])
let code = 1
try {
  code = await measure()
} catch (error) {
  await cleanUp()
  if (!bench.signal.aborted) fail(error)
}
await cleanUp()
// A run that is interrupted is ended by workbench.mjs.
if (!bench.signal.aborted) process.exit(code)

/** Starts the servers, measures, and returns the code to end with. @returns {Promise<number>} */
async function measure() {
  await ensureDependencies()
  const dist = inRoot('.local/bench/dist')
  mkdirSync(dist, { recursive: true })
  mkdirSync(inRoot('.local/bench/kept'), { recursive: true })
  await buildServer(hashSources(), dist)
  const peers = needsPeers ? await installPeers() : undefined
  // Web processes run from a copy, so that the dashboard of a Jobyard that runs here is not disturbed.
  const clone = needsWeb ? await copyClone(inRoot('.local/bench/clone')) : undefined
  if (clone) await buildClone(clone)
  const postgres = await startPostgres(path.join(bench.folder, 'postgres'))
  const kept = needsKept ? await startPostgres(inRoot('.local/bench/kept/postgres')) : undefined
  const redis = await startRedis({ folder: path.join(bench.folder, 'redis') })
  bench.atEnd(() => redis.stop())
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_DATABASE_URL: postgres.adminUrl,
      TEST_REDIS_URL: redis.url,
      BENCH_REDIS_PID: String(redis.pid),
      BENCH_DIST_DIR: dist,
      ...(peers && { BENCH_PEERS_DIR: peers }),
      ...(kept && { BENCH_KEPT_DATABASE_URL: kept.adminUrl }),
      ...(clone && { BENCH_CLONE: clone }),
    },
  })
  const ended = new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)))
  // Of an interrupted run the measurements end first, then the servers.
  bench.atEnd(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return ended
}

/** @param {string} folder */
function startPostgres(folder) {
  return startEmbeddedPostgres({
    folder,
    logFile: `${folder}.log`,
    onSupervisor: (supervisor) => bench.atEnd(() => supervisor.stop()),
  })
}

function givenOptions() {
  try {
    return benchOptions(process.argv.slice(2))
  } catch (error) {
    fail(new Refusal(`${error instanceof Error ? error.message : error} ${USAGE}`))
  }
}
