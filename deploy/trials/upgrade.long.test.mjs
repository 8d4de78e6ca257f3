import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inRoot } from '../../launcher/paths.mjs'
import { run } from '../../launcher/processes.mjs'
import { startDebianPostgres } from '../../testing/postgres.mjs'
import { startRedis } from '../../testing/redis.mjs'
import { install } from './installation.mjs'
import { audit, startLoad } from './load.mjs'

// The release before this one and this one side by side on one database, under load: an upgrade, and the way back.

/** The commit to upgrade from while no release has a tag. */
const BEFORE_TAGS = 'a565ff4'
/** The tag of the release before this commit. A release's own commit has its tag already, so the search begins one before. */
const { code, output } = await run('git', ['describe', '--tags', '--abbrev=0', 'HEAD^'], { cwd: inRoot() })
/** What is upgraded. UPGRADE_FROM names another commit, or the folder of a built clone. */
const from = process.env.UPGRADE_FROM ?? (code === 0 ? output.trim() : BEFORE_TAGS)
const folder = process.env.TEST_FOLDER ?? ''
const clone = process.env.TEST_CLONE ?? ''
let former = from

/** @type {(() => Promise<unknown>)[]} */
const endings = []
beforeAll(async () => {
  if (existsSync(from)) return
  former = path.join(folder, 'former')
  mkdirSync(former)
  /** @param {string} command */
  const shell = async (command) => {
    const { code, output } = await run('bash', ['-euc', `set -o pipefail; ${command}`], { cwd: former })
    expect(code, output).toBe(0)
  }
  await shell(`git -C '${inRoot()}' archive ${from} | tar --extract`)
  // The packages of this release serve the former one, too: what it used is still among them.
  await shell(`cp -al '${inRoot('node_modules')}' node_modules`)
  const build = `process.chdir('${former}'); const { buildServer, buildWeb, hashSources } = await import('${former}/launcher/build.mjs'); const hash = hashSources(); await buildServer(hash); await buildWeb(hash, process.env)`
  await shell(`node node_modules/prisma/build/index.js generate && node --input-type=module -e "${build}"`)
}, 900_000)
afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

test('an upgrade under load, with both versions side by side, and the way back lose no job and double none', async () => {
  const postgres = await startDebianPostgres(
    path.join(folder, 'upgrade-postgres'),
    (supervisor) => void endings.push(() => supervisor.stop()),
  )
  const redis = await startRedis({ folder: path.join(folder, 'upgrade-redis') })
  endings.push(() => redis.stop())
  const data = path.join(folder, 'upgrade-data')
  mkdirSync(data)
  const jobyard = await install({ clone: former, databaseUrl: postgres.url, folder: data, redisUrl: redis.url })
  endings.push(jobyard.stop)
  const oldWeb = await jobyard.web(former)
  const oldWorker = await jobyard.worker('old-1', former)
  const { id: organizationId } = await jobyard.call(oldWeb.url, 'organizations.create', { name: 'Acme', slug: 'acme' })
  // The load reads this list at each call, so it follows what is added and removed below.
  const urls = [oldWeb.url]
  const load = startLoad({ urls, key: jobyard.key, organizationId })
  await sleep(8_000)
  const since = performance.now()

  // Upgrade: the schema first, under load; then this version beside the former; then the former goes.
  await jobyard.migrate(clone)
  await sleep(5_000)
  const newWeb = await jobyard.web(clone)
  await jobyard.worker('new-1', clone)
  urls.push(newWeb.url)
  await sleep(10_000)
  urls.shift()
  await Promise.all([oldWorker.stop(), oldWeb.process.stop()])
  await sleep(8_000)

  // The way back: the former version comes again on the new schema, and this one goes.
  const again = await jobyard.web(former)
  await jobyard.worker('old-2', former)
  urls.push(again.url)
  await sleep(8_000)
  const stood = load.stood(since)
  await load.stop()
  const result = await audit(postgres.url, load.accepted)
  process.stdout.write(`upgrade from ${from}: ${JSON.stringify({ ...result, longestSecondsWithoutAnswer: stood })}\n`)
  expect(result).toMatchObject({ lost: 0, doubled: 0, stuck: 0 })
  expect(result.accepted).toBeGreaterThan(50)
})
