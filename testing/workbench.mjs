import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inRoot } from '../launcher/paths.mjs'
import { signalCommands } from '../launcher/processes.mjs'
import { say } from '../launcher/say.mjs'

/**
 * @typedef {object} Workbench what the suites of one run share
 * @property {string} folder a temporary folder of this run
 * @property {string[]} filters which files to run; none: all
 * @property {(work: () => Promise<unknown> | void) => void} atEnd what to do when the run is over; the last one comes first
 * @property {AbortSignal} signal fires when the run is interrupted
 * @property {(line: string) => void} say prints a line of a suite’s output; of suites that run side by side, when the suite is over
 */

/**
 * Makes the workbench of one run. Ctrl-C and similar signals stop the commands that run, clean up, and end the process.
 * @param {string[]} filters
 * @returns {{ bench: Workbench, cleanUp: () => Promise<void> }}
 */
export function openWorkbench(filters) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'jobyard-test-')))
  chmodSync(folder, 0o711) // When root runs this, PostgreSQL's user passes through the folder.
  /** @type {(() => Promise<unknown> | void)[]} */
  const endings = [
    () => rmSync(folder, { recursive: true, force: true }),
    () => rmSync(inRoot('.local/test', path.basename(folder)), { recursive: true, force: true }),
  ]
  let cleaning = /** @type {Promise<void> | null} */ (null)
  const cleanUp = () => (cleaning ??= runAll(endings))
  const interruption = new AbortController()
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      interruption.abort()
      signalCommands('SIGTERM')
      void cleanUp().then(() => process.exit(130))
    })
  }
  const bench = {
    folder,
    filters,
    atEnd: (/** @type {() => Promise<unknown> | void} */ work) => void endings.push(work),
    signal: interruption.signal,
    say: (/** @type {string} */ line) => void say(line),
  }
  return { bench, cleanUp }
}

/**
 * Runs the endings from the last to the first. One that fails is reported, and the others still run.
 * @param {(() => Promise<unknown> | void)[]} endings
 */
async function runAll(endings) {
  for (const end of endings.reverse()) {
    try {
      await end()
    } catch (error) {
      say(`! cleaning up: ${error instanceof Error ? error.message : error}`)
    }
  }
}
