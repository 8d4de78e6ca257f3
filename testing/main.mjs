import { ensureDependencies } from '../launcher/install.mjs'
import { root } from '../launcher/paths.mjs'
import { fail, Refusal, say } from '../launcher/say.mjs'
import { longSuites, suites } from './suites.mjs'
import { openWorkbench } from './workbench.mjs'

/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {import('./workbench.mjs').Workbench} Workbench */

/**
 * Runs everything that shows whether Jobyard is right, on servers of its own, and ends the process: with 0 only when
 * something ran and nothing failed.
 * @param {string[]} words the name of a suite runs only that one, and further words choose files (`db transition`);
 *   `long` runs the long campaigns instead
 */
export async function runTests([chosen, ...filters]) {
  process.chdir(root)
  const { bench, cleanUp } = openWorkbench(filters)
  /** @type {{ name: string, outcome: Outcome, line: string }[]} */
  const results = []
  try {
    const wanted = Object.entries(chooseSuites(chosen))
    await ensureDependencies()
    const width = Math.max(9, ...wanted.map(([name]) => name.length))
    for (const [name, suite] of wanted) {
      if (bench.signal.aborted) break
      say(`\n── ${name} ${'─'.repeat(Math.max(2, 60 - name.length))}`)
      const from = Date.now()
      const outcome = await runSuite(suite, bench)
      const line = `${name.padEnd(width)} ${told(outcome)} (${((Date.now() - from) / 1000).toFixed(1)} s)${outcome.note ? ` · ${outcome.note}` : ''}`
      results.push({ name, outcome, line })
      say(line)
    }
  } catch (error) {
    await cleanUp()
    if (!bench.signal.aborted) fail(error)
  }
  await cleanUp()
  // An interrupted run ends with the signal's own exit code.
  if (!bench.signal.aborted) process.exit(conclude(results))
}

/** @param {string | undefined} name @returns {Record<string, (bench: Workbench) => Promise<Outcome>>} */
function chooseSuites(name) {
  if (!name) return suites
  if (name === 'long') return longSuites
  const suite = suites[name]
  if (suite) return { [name]: suite }
  throw new Refusal(`There is no suite "${name}". Name one of ${Object.keys(suites).join(', ')}, or long.`)
}

/**
 * A suite that breaks, or in which nothing ran, has failed.
 * @param {(bench: Workbench) => Promise<Outcome>} suite
 * @param {Workbench} bench
 * @returns {Promise<Outcome>}
 */
async function runSuite(suite, bench) {
  try {
    const outcome = await suite(bench)
    if (outcome.passed + outcome.failed === 0) return { passed: 0, failed: 1, note: 'no test ran' }
    return outcome
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.details) say(error.details)
    return { passed: 0, failed: 1, note: error.message }
  }
}

/**
 * Says once more what failed, then a line for each suite, then the sum, which is the last line.
 * @param {{ name: string, outcome: Outcome, line: string }[]} results
 * @returns {number} the exit code
 */
function conclude(results) {
  const toLookAt = results.flatMap(({ name, outcome }) =>
    (outcome.toLookAt ?? []).map((finding) => `  ${name}: ${finding}`),
  )
  const sum = { passed: 0, failed: 0 }
  for (const { outcome } of results) {
    sum.passed += outcome.passed
    sum.failed += outcome.failed
  }
  if (toLookAt.length > 0) say(`\nTo look at:\n${toLookAt.join('\n')}`)
  say(`\n${results.map(({ line }) => line).join('\n')}\n${told(sum)}`)
  return sum.failed > 0 || sum.passed === 0 ? 1 : 0
}

/** @param {{ passed: number, failed: number }} count */
const told = ({ passed, failed }) => `${passed} passed, ${failed} failed`
