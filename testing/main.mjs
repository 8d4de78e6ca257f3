// `npm test`: everything that shows whether Jobyard is right, on servers of its own. With a suite's
// name only that one runs, and further words choose files: `npm run test:db transition`. `long` is
// the long campaigns instead.
import { mkdtempSync, chmodSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inRoot, root } from '../launcher/paths.mjs'
import { signalCommands } from '../launcher/processes.mjs'
import { ensureDependencies } from '../launcher/install.mjs'
import { fail, Refusal, say } from '../launcher/say.mjs'
import { longSuites, suites } from './suites.mjs'

/** @typedef {{ passed: number, failed: number, note?: string, toLookAt?: string[] }} Outcome `toLookAt`: what failed, or passed only when tried again, a few lines each */

/**
 * @typedef {object} Workbench what suites share in one run
 * @property {string} folder a temporary folder of this run
 * @property {string[]} filters
 * @property {(work: () => Promise<unknown> | void) => void} atEnd last one first
 * @property {AbortSignal} signal fires when the run is interrupted
 */

process.chdir(root)
const [chosen, ...filters] = process.argv.slice(2)
const chosenSuites = chosen === 'long' ? longSuites : chosen ? { [chosen]: suites[chosen] } : suites
if (chosen && chosen !== 'long' && !suites[chosen]) {
  fail(new Refusal(`There is no suite "${chosen}". Name one of ${Object.keys(suites).join(', ')}, or long.`))
}

/** @type {(() => Promise<unknown> | void)[]} */
const endings = []
const interruption = new AbortController()
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-test-')))
chmodSync(folder, 0o711) // the database's user passes through when root runs this
endings.push(() => rmSync(folder, { recursive: true, force: true }))
endings.push(() => rmSync(inRoot('.local/test', path.basename(folder)), { recursive: true, force: true }))

let cleaning = /** @type {Promise<void> | null} */ (null)
const cleanUp = () =>
  (cleaning ??= (async () => {
    for (const end of endings.reverse()) {
      try {
        await end()
      } catch (error) {
        say(`! cleaning up: ${error instanceof Error ? error.message : error}`)
      }
    }
  })())
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    interruption.abort()
    signalCommands('SIGTERM')
    void cleanUp().then(() => process.exit(130))
  })
}

let total = { passed: 0, failed: 0 }
/** @type {string[]} */
const lines = []
/** @type {string[]} */
const toLookAt = []
try {
  await ensureDependencies()
  /** @type {Workbench} */
  const bench = { folder, filters, atEnd: (work) => endings.push(work), signal: interruption.signal }
  for (const [name, suite] of Object.entries(chosenSuites)) {
    if (interruption.signal.aborted) break
    say(`\n── ${name} ${'─'.repeat(Math.max(2, 60 - name.length))}`)
    const from = Date.now()
    const outcome = await runSuite(suite, bench)
    toLookAt.push(...(outcome.toLookAt ?? []).map((finding) => `  ${name}: ${finding}`))
    total = { passed: total.passed + outcome.passed, failed: total.failed + outcome.failed }
    const seconds = ((Date.now() - from) / 1000).toFixed(1)
    lines.push(
      `${name.padEnd(chosen === 'long' ? 15 : 9)} ${outcome.passed} passed, ${outcome.failed} failed (${seconds} s)${outcome.note ? ` · ${outcome.note}` : ''}`,
    )
    say(lines.at(-1) ?? '')
  }
} catch (error) {
  await cleanUp()
  if (!interruption.signal.aborted) fail(error)
}
await cleanUp()
if (!interruption.signal.aborted) {
  if (toLookAt.length > 0) say(`\nTo look at:\n${toLookAt.join('\n')}`)
  say(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed`)
  process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)
}

/**
 * A suite that breaks, or in which nothing ran, has failed.
 * @param {((bench: Workbench) => Promise<Outcome>) | undefined} suite
 * @param {Workbench} bench
 * @returns {Promise<Outcome>}
 */
async function runSuite(suite, bench) {
  try {
    const outcome = await suite?.(bench)
    if (!outcome || outcome.passed + outcome.failed === 0) return { passed: 0, failed: 1, note: 'no test ran' }
    return outcome
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.details) say(error.details)
    return { passed: 0, failed: 1, note: error.message }
  }
}
