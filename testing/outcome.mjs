import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from '../launcher/paths.mjs'

/**
 * @typedef {object} Outcome how a suite ended
 * @property {number} passed
 * @property {number} failed
 * @property {string} [note] stands beside the figures in the suite's line
 * @property {string[]} [toLookAt] what failed, or passed only when tried again, a few lines each. A run prints
 *   thousands of lines; these are told again at its end, so that nobody has to search.
 */

/**
 * The first lines of a message, without colors and without the lines of a stack that lie in libraries.
 * @param {string} message
 */
const brief = (message, lines = 12) =>
  stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() && !/^\s*at .*(?:node_modules|node:|<anonymous>)/.test(line))
    .slice(0, lines)
    .map((line) => `\n      ${line.trim()}`)
    .join('')

/**
 * What to look at after the failure of a tool that writes no report: the end of its output.
 * @param {string} output
 */
export const toolFailure = (output) => brief(output.trim().split('\n').slice(-20).join('\n'), 20).trimStart()

/**
 * What to look at in Vitest's JSON report: each failed test, and each file that could not be loaded.
 * @param {any[]} files
 * @returns {string[]}
 */
export function vitestFailures(files) {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(root, name)
    const tests = assertionResults.filter((/** @type {any} */ test) => test.status === 'failed')
    if (tests.length === 0) return status === 'failed' ? [`${file}${brief(message)}`] : []
    return tests.map((/** @type {any} */ test) => `${file} › ${test.fullName}${brief(test.failureMessages[0] ?? '')}`)
  })
}

/**
 * What to look at in Playwright's JSON report: each journey that ended so, with the first error that it met.
 * @param {any[]} suites
 * @param {'unexpected' | 'flaky'} status `unexpected`: failed; `flaky`: passed at its second try
 * @returns {string[]}
 */
export function journeysThatEnded(suites, status) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => [
    ...specs
      .filter((/** @type {any} */ spec) => spec.tests.some((/** @type {any} */ test) => test.status === status))
      .map((/** @type {any} */ spec) => {
        const error = spec.tests
          .flatMap((/** @type {any} */ test) => test.results)
          .find((/** @type {any} */ result) => result.error)?.error
        return `${spec.file}:${spec.line} › ${spec.title}${brief(error?.message ?? '')}`
      }),
    ...journeysThatEnded(inner, status),
  ])
}
