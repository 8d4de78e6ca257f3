import path from 'node:path'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { inRoot, readJson, root } from '../launcher/paths.mjs'
import { run } from '../launcher/processes.mjs'
import { say } from '../launcher/say.mjs'
import { startDebianPostgres, startTestPostgres } from './postgres.mjs'
import { startRedis } from './redis.mjs'
import { findChromium } from './chromium.mjs'
import { startInstance } from './instance.mjs'
import { cleanEnvironment, cloneOf } from './clone.mjs'
import { journeysThatEnded, toolFailure, vitestFailures } from './failures.mjs'

/** @typedef {import('./main.mjs').Outcome} Outcome */
/** @typedef {import('./main.mjs').Workbench} Workbench */

/** A count below this means that the tool looked at nothing, not that all is well. */
const fewestModules = 60

/** In the order in which they run: what is quick to fail comes first. @type {Record<string, (bench: Workbench) => Promise<Outcome>>} */
export const suites = {
  types: () => tool('typescript/bin/tsc', ['--noEmit', '-p', '.']),
  lint: () =>
    tool('eslint/bin/eslint.js', [
      '.',
      '--max-warnings',
      '0',
      '--cache',
      '--cache-location',
      inRoot('node_modules/.cache/eslint/'),
    ]),
  format: () =>
    tool('prettier/bin/prettier.cjs', [
      '--check',
      '.',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      inRoot('node_modules/.cache/prettier'),
    ]),
  imports: importRules,
  unit: (bench) => vitest('unit', bench, {}),
  db: databaseTests,
  processes: processTests,
  chaos: (bench) => chaos(bench, ['--short']),
  e2e: browserTests,
}

/** Longer than anybody wants to wait each time: `npm run test:long`. @type {Record<string, (bench: Workbench) => Promise<Outcome>>} */
export const longSuites = {
  'db on debian': (bench) => databaseTests(bench, {}, startDebianPostgres),
  proof: (bench) => databaseTests({ ...bench, filters: ['server/engine/proof'] }, { LONG: '1' }),
  fuzz: (bench) =>
    databaseTests(
      { ...bench, filters: ['server/api/fuzz'] },
      { LONG: '1', FUZZ_CALLS: process.env.FUZZ_CALLS ?? '20000' },
    ),
  'chaos redis': (bench) => chaos(bench, ['--jobs', '10000', '--backend', 'redis']),
  'chaos postgres': (bench) => chaos(bench, ['--jobs', '10000', '--backend', 'postgres']),
}

/** @param {string} file below node_modules @param {string[]} args @param {import('../launcher/processes.mjs').Environment} [env] */
async function node(file, args, env = {}) {
  return run(process.execPath, [inRoot('node_modules', file), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    onLine: (line) => say(line),
  })
}

/** @param {string} file @param {string[]} args @returns {Promise<Outcome>} */
async function tool(file, args) {
  const { code, output } = await node(file, args)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, toLookAt: [toolFailure(output)] }
}

/** @returns {Promise<Outcome>} */
async function importRules() {
  const folders = [
    'app',
    'server',
    'worker',
    'prisma',
    'client',
    'examples',
    'launcher',
    'chaos',
    'testing',
    'bench',
    'e2e',
    'scripts',
  ].filter((folder) => existsSync(inRoot(folder)))
  const { code, output } = await node('dependency-cruiser/bin/dependency-cruise.mjs', [
    ...folders,
    '--config',
    '.dependency-cruiser.cjs',
  ])
  const modules = Number(/(\d+) modules/.exec(output)?.[1] ?? 0)
  const note = modules < fewestModules ? `only ${modules} modules were looked at` : undefined
  return code === 0 && !note
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, note, toLookAt: [toolFailure(output)] }
}

/**
 * @param {string} project
 * @param {Workbench} bench
 * @param {import('../launcher/processes.mjs').Environment} env
 * @returns {Promise<Outcome>}
 */
async function vitest(project, bench, env) {
  const report = path.join(bench.folder, `${project}.json`)
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...bench.filters,
  ]
  const { code, output } = await node('vitest/vitest.mjs', args, { ...env, NODE_ENV: 'test' })
  const { numPassedTests = 0, testResults = [] } = readJson(report) ?? {}
  const failures = vitestFailures(testResults)
  // An error beside the tests, or no report at all.
  if (failures.length === 0 && code !== 0) failures.push(toolFailure(output))
  return { passed: numPassedTests, failed: failures.length, toLookAt: failures }
}

/** On a PostgreSQL and a Redis of this run. @param {Workbench} bench @param {import('../launcher/processes.mjs').Environment} [env] @param {typeof startTestPostgres} [startPostgres] */
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

/** `npm start`, `dev`, `web` and `worker` in the copy of this clone, which the browser tests then find built. @param {Workbench} bench */
async function processTests(bench) {
  const clone = await cloneOf(bench)
  return vitest('processes', bench, {
    ...cleanEnvironment(),
    TEST_CLONE: clone,
    TEST_STATE_DIR: path.join(bench.folder, 'state'),
  })
}

/**
 * A cluster under faults, in the copy of this clone. Each audited property counts as a test.
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

/** Against `npm start` in a copy of this clone. @param {Workbench} bench @returns {Promise<Outcome>} */
async function browserTests(bench) {
  const browser = await findChromium()
  const instance = await startInstance(bench)
  const report = path.join(bench.folder, 'e2e.json')
  try {
    const { code } = await node('@playwright/test/cli.js', ['test', '--reporter=list,json', ...bench.filters], {
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
      E2E_URL: instance.url,
      E2E_RUN_FILE: instance.runFile,
      E2E_CHROMIUM: browser.file,
      E2E_OUTPUT: inRoot('test-results', path.basename(bench.folder)),
      ...(browser.libraries ? { LD_LIBRARY_PATH: browser.libraries } : {}),
    })
    const { stats, suites: journeys = [] } = readJson(report) ?? {}
    const { expected = 0, unexpected = 0, flaky = 0 } = stats ?? {}
    const toLookAt = [
      ...journeysThatEnded(journeys, 'unexpected'),
      // One that passed at its second try says that the product works, and that it deserves a look.
      ...journeysThatEnded(journeys, 'flaky').map((journey) => `passed at its second try: ${journey}`),
    ]
    const note = flaky > 0 ? `${flaky} at the second try` : undefined
    return { passed: expected + flaky, failed: unexpected === 0 && code !== 0 ? 1 : unexpected, note, toLookAt }
  } finally {
    await instance.stop()
  }
}
