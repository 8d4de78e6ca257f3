// `npm run bench` starts servers of its own. Everything is measured in one run, so that figures can be compared with
// each other.
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { startEmbeddedPostgres } from '../launcher/embedded-postgres.mjs'
import { ensureDependencies } from '../launcher/install.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { buildClone, copyClone } from '../testing/clone.mjs'
import { startRedis } from '../testing/redis.mjs'
import { benchOptions, USAGE } from './options.mjs'
import { installPeers } from './peers/install.mjs'

process.chdir(root)
const { json, needsWeb, needsPeers, needsKept } = givenOptions()
// With --json nothing but the figures goes to the standard output, so what is being done is said on the other.
if (json) process.stdout.write = process.stderr.write.bind(process.stderr)
await ensureDependencies()
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-bench-')))
chmodSync(folder, 0o711) // When root runs this, PostgreSQL's user passes through the folder.
const dist = inRoot('.local/bench/dist')
mkdirSync(dist, { recursive: true })
mkdirSync(inRoot('.local/bench/kept'), { recursive: true })
await buildServer(hashSources(), dist)
const peers = needsPeers ? await installPeers() : undefined
// Web processes run from a copy, so that the dashboard of a Jobyard that runs here is not disturbed.
const clone = needsWeb ? await copyClone(inRoot('.local/bench/clone')) : undefined
if (clone) await buildClone(clone)
const postgres = await startEmbeddedPostgres({
  folder: path.join(folder, 'postgres'),
  logFile: path.join(folder, 'postgres.log'),
})
const kept = needsKept
  ? await startEmbeddedPostgres({
      folder: inRoot('.local/bench/kept/postgres'),
      logFile: inRoot('.local/bench/kept/postgres.log'),
    })
  : undefined
const redis = await startRedis({ folder: path.join(folder, 'redis') })
let code = 1
try {
  const bench = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)], {
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
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => bench.kill(signal))
  code = await new Promise((resolve) => bench.on('exit', (status) => resolve(status ?? 1)))
} finally {
  await redis.stop()
  await postgres.supervisor.stop()
  await kept?.supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(code)

function givenOptions() {
  try {
    return benchOptions(process.argv.slice(2))
  } catch (error) {
    fail(new Refusal(`${error instanceof Error ? error.message : error} ${USAGE}`))
  }
}
