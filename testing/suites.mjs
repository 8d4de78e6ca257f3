import path from 'node:path'
import { mkdirSync, rmSync } from 'node:fs'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { inRoot, readJson, root } from '../launcher/paths.mjs'
import { run } from '../launcher/processes.mjs'
import { say } from '../launcher/say.mjs'
import { findChromium } from './chromium.mjs'
import { buildClone, cleanEnvironment, cloneOf } from './clone.mjs'
import { startInstance } from './instance.mjs'
import { journeysThatEnded, toolFailure, vitestFailures } from './outcome.mjs'
import { startDebianPostgres, startTestPostgres } from './postgres.mjs'
import { startRedis } from './redis.mjs'
import { checkFormat, checkImports, checkTypes, lint, node } from './tools.mjs'

/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {import('./workbench.mjs').Workbench} Workbench */

/**
 * The suites in the order in which they run. Those that fail quickly come first.
 * @type {Record<string, (bench: Workbench) => Promise<Outcome>>}
 */
export const suites = {
  types: checkTypes,
  lint,
  format: checkFormat,
  imports: checkImports,
  unit: (bench) => vitest('unit', bench, {}),
  db: databaseTests,
  processes: processTests,
  chaos: (bench) => chaos(bench, ['--short']),
  e2e: (bench) => browserTests(bench, bench.filters.length > 0 ? 'all' : 'short'),
}

/** These read the code, each on one processor. They run side by side. */
export const sideBySide = ['types', 'lint', 'format', 'imports']

/**
 * Suites that take too long to run each time: `npm run test:long`.
 * @type {Record<string, (bench: Workbench) => Promise<Outcome>>}
 */
export const longSuites = {
  // The journeys with the tag @long (playwright.config.ts).
  journeys: (bench) => browserTests(bench, 'long'),
  // The database tests on Debian's PostgreSQL, which is older than the embedded one.
  'db on debian': (bench) => databaseTests(bench, { LONG_FILES: '1' }, startDebianPostgres),
  // What workers of several pools, clocks that are wrong and long jobs do, with BullMQ on Redis and on PostgreSQL.
  'both stores': (bench) =>
    databaseTests(only(bench, 'worker/pools', 'worker/clocks', 'worker/long-jobs'), { LONG: '1' }),
  // What workers do while Redis or PostgreSQL is frozen, full, emptied, dropped or gone, and, with BullMQ on Redis, what
  // `db` shows of worker processes with BullMQ on PostgreSQL.
  outages: (bench) => databaseTests(only(bench, 'worker/outages-', 'worker/processes-redis'), { LONG: '1' }),
  // Every command and listing of docs/handlers.md and the README, as an author follows them.
  guide: (bench) => processTests(only(bench, 'launcher/guide')),
  // What a worker tells a collector of OpenTelemetry.
  tracing: (bench) => databaseTests(only(bench, 'worker/tracing'), { LONG: '1' }),
  // The model of the engine and its races, with many more random histories than in `db`.
  proof: (bench) => databaseTests(only(bench, 'server/engine/proof'), { LONG: '1' }),
  // Cron expressions against another library, with many more of them than in `unit`.
  cron: (bench) => vitest('unit', only(bench, 'server/engine/domain/schedule'), { LONG: '1' }),
  // Several leaders that submit the runs of schedules while they are killed.
  schedulers: (bench) => databaseTests(only(bench, 'worker/upkeep/schedulers'), { LONG: '1' }),
  // Alerts by real worker processes, of which the leader is killed.
  alerts: (bench) => databaseTests(only(bench, 'worker/alerts'), { LONG: '1' }),
  // The heap after each 10,000 of 100,000 jobs, and after each 500 of 5,000 watchers.
  memory: (bench) => databaseTests(only(bench, 'worker/memory'), { LONG: '1' }),
  // A real Prometheus with the rules of deploy/monitoring.
  monitoring: (bench) => databaseTests(only(bench, 'worker/monitoring'), { LONG: '1' }),
  // 20,000 broken calls of the API.
  fuzz: (bench) =>
    databaseTests(only(bench, 'server/api/fuzz'), { LONG: '1', FUZZ_CALLS: process.env.FUZZ_CALLS ?? '20000' }),
  // Every read at a million jobs.
  million: (bench) => databaseTests(only(bench, 'store/reads/million'), { LONG: '1' }),
  // Images, manifests and units, and the trials of an upgrade, a backup and a failover.
  deployment: deploymentTests,
  // 10,000 jobs while processes and stores are killed, frozen and restarted, with BullMQ on Redis or on PostgreSQL.
  'chaos redis': (bench) => chaos(bench, ['--jobs', '10000', '--backend', 'redis']),
  'chaos postgres': (bench) => chaos(bench, ['--jobs', '10000', '--backend', 'postgres']),
}

/**
 * The files of a suite. Whoever names files in the command gets those.
 * @param {Workbench} bench
 * @param {string[]} files
 * @returns {Workbench}
 */
function only(bench, ...files) {
  return bench.filters.length > 0 ? bench : { ...bench, filters: files }
}

/** Whoever names files means also those that take long. @param {Workbench} bench */
const longFiles = (bench) => (bench.filters.length > 0 ? { LONG_FILES: '1' } : {})

/**
 * @param {string} project
 * @param {Workbench} bench
 * @param {import('../launcher/processes.mjs').Environment} env
 * @returns {Promise<Outcome>}
 */
async function vitest(project, bench, env) {
  const report = path.join(bench.folder, `${project}.json`)
  // An earlier suite of the same run may have left one, which would be read where this one ends before it writes any.
  rmSync(report, { force: true })
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...bench.filters,
  ]
  const { code, output } = await node(bench, 'vitest/vitest.mjs', args, { ...env, NODE_ENV: 'test' })
  const { numPassedTests = 0, testResults = [] } = readJson(report) ?? {}
  const failures = vitestFailures(testResults)
  // Vitest failed outside of the tests, or before it could write a report.
  if (failures.length === 0 && code !== 0) failures.push(toolFailure(output))
  return { passed: numPassedTests, failed: failures.length, toLookAt: failures }
}

/**
 * Tests that need servers, on a PostgreSQL and a Redis of this run.
 * @param {Workbench} bench
 * @param {import('../launcher/processes.mjs').Environment} [env]
 * @param {typeof startTestPostgres} [startPostgres]
 */
async function databaseTests(bench, env = {}, startPostgres = startTestPostgres) {
  const dist = inRoot('.local/test', path.basename(bench.folder), 'dist')
  mkdirSync(dist, { recursive: true })
  await buildServer(hashSources(), dist)
  const postgres = await startPostgres(path.join(bench.folder, 'postgres'), (supervisor) =>
    bench.atEnd(() => supervisor.stop()),
  )
  const redis = await startRedis({ folder: path.join(bench.folder, 'redis') })
  bench.atEnd(() => redis.stop())
  try {
    return await vitest('db', bench, {
      ...longFiles(bench),
      ...env,
      TEST_DATABASE_URL: postgres.url,
      TEST_REDIS_URL: redis.url,
      TEST_DIST_DIR: dist,
    })
  } finally {
    await redis.stop()
    await postgres.supervisor.stop()
  }
}

/**
 * `npm start`, `dev`, `web` and `worker` in a copy of this clone. The browser tests use the same copy, and find it
 * built.
 * @param {Workbench} bench
 */
async function processTests(bench) {
  const clone = await cloneOf(bench)
  return vitest('processes', bench, {
    ...cleanEnvironment(),
    ...longFiles(bench),
    TEST_CLONE: clone,
    TEST_STATE_DIR: path.join(bench.folder, 'state'),
  })
}

/** Images, upgrades, backups and failovers, from a built copy of this clone. @param {Workbench} bench */
async function deploymentTests(bench) {
  const clone = await cloneOf(bench)
  await buildClone(clone)
  return vitest('deployment', bench, { ...cleanEnvironment(), TEST_CLONE: clone, TEST_FOLDER: bench.folder })
}

/**
 * A cluster under faults, in a copy of this clone. Each property that is audited afterwards counts as a test.
 * @param {Workbench} bench
 * @param {string[]} options
 * @returns {Promise<Outcome>}
 */
async function chaos(bench, options) {
  const clone = await cloneOf(bench)
  const report = path.join(bench.folder, 'chaos.json')
  rmSync(report, { force: true })
  const { code } = await run(
    process.execPath,
    [inRoot('scripts/chaos.mjs'), '--clone', clone, '--report', report, ...options, ...bench.filters],
    {
      cwd: root,
      onLine: (line) => say(line),
    },
  )
  const { passed = 0, failed = 0, note } = readJson(report) ?? {}
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, note }
}

/**
 * Journeys through the dashboard of an `npm start` in a copy of this clone.
 * @param {Workbench} bench
 * @param {'short' | 'long' | 'all'} length those without the tag @long, those with it, or both
 * @returns {Promise<Outcome>}
 */
async function browserTests(bench, length) {
  const browser = await findChromium()
  const instance = await startInstance(bench)
  const env = {
    E2E_URL: instance.url,
    E2E_RUN_FILE: instance.runFile,
    E2E_CHROMIUM: browser.file,
    E2E_LENGTH: length,
    ...(browser.libraries ? { LD_LIBRARY_PATH: browser.libraries } : {}),
  }
  try {
    // One after the other. Playwright would leave out the second where a journey of the first has failed.
    const together = await journeys('together', bench, env)
    if (bench.signal.aborted) return together
    return sum(together, await journeys('alone', bench, env))
  } finally {
    await instance.stop()
  }
}

/**
 * The journeys of one of Playwright's projects (playwright.config.ts).
 * @param {'together' | 'alone'} project
 * @param {Workbench} bench
 * @param {import('../launcher/processes.mjs').Environment} env
 * @returns {Promise<Outcome>}
 */
async function journeys(project, bench, env) {
  const report = path.join(bench.folder, `e2e-${project}.json`)
  rmSync(report, { force: true })
  const args = ['test', `--project=${project}`, '--pass-with-no-tests', '--reporter=list,json', ...bench.filters]
  const { code, output } = await node(bench, '@playwright/test/cli.js', args, {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    E2E_OUTPUT: inRoot('test-results', path.basename(bench.folder), project),
  })
  const { stats, suites: found = [] } = readJson(report) ?? {}
  const { expected = 0, unexpected = 0, flaky = 0 } = stats ?? {}
  const toLookAt = [
    ...journeysThatEnded(found, 'unexpected'),
    // A journey that passed at its second try shows that the product works, and that the journey needs a look.
    ...journeysThatEnded(found, 'flaky').map((journey) => `passed at its second try: ${journey}`),
  ]
  const note = flaky > 0 ? `${flaky} at the second try` : undefined
  const outside = unexpected === 0 && code !== 0
  if (outside) toLookAt.push(toolFailure(output))
  return { passed: expected + flaky, failed: outside ? 1 : unexpected, note, toLookAt }
}

/** @param {Outcome} a @param {Outcome} b @returns {Outcome} */
const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  note: [a.note, b.note].filter(Boolean).join(', ') || undefined,
  toLookAt: [...(a.toLookAt ?? []), ...(b.toLookAt ?? [])],
})
