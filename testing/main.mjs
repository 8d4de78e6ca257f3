import { ensureDependencies } from '../launcher/install.mjs'
import { root } from '../launcher/paths.mjs'
import { fail, Refusal, say } from '../launcher/say.mjs'
import { longSuites, sideBySide, suites } from './suites.mjs'
import { openWorkbench } from './workbench.mjs'

/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {import('./workbench.mjs').Workbench} Workbench */
/** @typedef {(bench: Workbench) => Promise<Outcome>} Suite */
/** @typedef {{ name: string, outcome: Outcome, line: string }} Result */

/**
 * Runs everything that shows whether Jobyard is right, on servers of its own, and ends the process: with 0 only when
 * something ran and nothing failed.
 * @param {string[]} words what to run: nothing for all suites but the long ones; the name of a suite for that one,
 * followed by parts of paths of its test files (`db transition`); `long` for all long suites; `long proof` for one of
 * them
 */
export async function runTests(words) {
  // Before a name, `long` adds nothing.
  const [chosen, ...filters] = words[0] === 'long' && words.length > 1 ? words.slice(1) : words
  process.chdir(root)
  const { bench, cleanUp } = openWorkbench(filters)
  /** @type {Result[]} */
  const results = []
  try {
    const wanted = chooseSuites(chosen)
    await ensureDependencies()
    const width = Math.max(...Object.keys(wanted).map((name) => name.length))
    for (const names of groupsInOrder(Object.keys(wanted))) {
      if (bench.signal.aborted) break
      const alone = names.length === 1
      say(heading(names.join(', ')))
      const ended = names.map(async (name) => {
        /** @type {string[]} */
        const output = []
        const result = await resultOf(
          name,
          /** @type {Suite} */ (wanted[name]),
          alone ? bench : { ...bench, say: (line) => output.push(line) },
          width,
        )
        if (!alone) say([heading(name), ...output].join('\n'))
        say(result.line)
        return result
      })
      results.push(...(await Promise.all(ended)))
    }
  } catch (error) {
    await cleanUp()
    if (!bench.signal.aborted) fail(error)
  }
  await cleanUp()
  // A run that is interrupted is ended by workbench.mjs.
  if (!bench.signal.aborted) process.exit(conclude(results))
}

/** @param {string} text */
const heading = (text) => `\n── ${text} ${'─'.repeat(Math.max(2, 60 - text.length))}`

/** Which suites run at the same time, in their order. @param {string[]} names @returns {string[][]} */
function groupsInOrder(names) {
  const together = names.filter((name) => sideBySide.includes(name))
  const others = names.filter((name) => !sideBySide.includes(name)).map((name) => [name])
  return together.length > 0 ? [together, ...others] : others
}

/**
 * @param {string} name
 * @param {Suite} suite
 * @param {Workbench} bench
 * @param {number} width
 * @returns {Promise<Result>}
 */
async function resultOf(name, suite, bench, width) {
  const from = Date.now()
  const outcome = await runSuite(suite, bench)
  const seconds = ((Date.now() - from) / 1000).toFixed(1)
  return {
    name,
    outcome,
    line: `${name.padEnd(width)} ${countText(outcome)} (${seconds} s)${outcome.note ? ` · ${outcome.note}` : ''}`,
  }
}

/** @param {string | undefined} name @returns {Record<string, Suite>} */
function chooseSuites(name) {
  if (!name) return suites
  if (name === 'long') return longSuites
  const suite = suites[name] ?? longSuites[name]
  if (suite) return { [name]: suite }
  throw new Refusal(
    `There is no suite "${name}". Name one of ${Object.keys({ ...suites, ...longSuites }).join(', ')}, or long.`,
  )
}

/**
 * A suite that breaks, or in which nothing ran, has failed.
 * @param {Suite} suite
 * @param {Workbench} bench
 * @returns {Promise<Outcome>}
 */
async function runSuite(suite, bench) {
  try {
    const outcome = await suite(bench)
    if (outcome.passed + outcome.failed === 0) return { passed: 0, failed: 1, note: 'no test ran' }
    return outcome
  } catch (error) {
    const details = error instanceof Refusal ? error.details : error instanceof Error ? error.stack : undefined
    if (details) bench.say(details)
    return { passed: 0, failed: 1, note: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * Says once more what failed, then a line for each suite, then the sum, which is the last line.
 * @param {Result[]} results
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
  say(`\n${results.map(({ line }) => line).join('\n')}\n${countText(sum)}`)
  return sum.failed > 0 || sum.passed === 0 ? 1 : 0
}

/** @param {{ passed: number, failed: number }} count */
const countText = ({ passed, failed }) => `${passed} passed, ${failed} failed`
