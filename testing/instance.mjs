import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readJson } from '../launcher/paths.mjs'
import { freePort } from '../launcher/ports.mjs'
import { until } from '../launcher/processes.mjs'
import { Refusal, say, tail } from '../launcher/say.mjs'
import { cleanEnvironment, cloneOf } from './clone.mjs'

/**
 * How long `npm start` may take to stop. Its worker has DRAIN_SECONDS (15) and 8 s more, is killed within 2 s after that,
 * and PostgreSQL then has 8 s of its own (launcher/children.mjs, launcher/embedded-postgres.mjs).
 */
export const STOP_SECONDS = 35

/**
 * Starts Jobyard as a newcomer would, in a copy of this clone, so that a Jobyard that runs in this folder is not
 * disturbed. Only the installed dependencies are shared.
 * @param {import('./workbench.mjs').Workbench} bench
 * @returns {Promise<{ url: string, runFile: string, stop: () => Promise<void> }>}
 */
export async function startInstance(bench) {
  const clone = await cloneOf(bench)
  const port = await freePort()
  /** @type {import('../launcher/processes.mjs').Environment} */
  const env = { ...cleanEnvironment(), PORT: String(port) }
  const child = spawn(process.execPath, [path.join(clone, 'scripts/start.mjs')], {
    cwd: clone,
    env: /** @type {NodeJS.ProcessEnv} */ (env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own. So Ctrl-C in the terminal reaches only the tests, which then stop it in order.
    detached: true,
  })
  let output = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text
      for (const line of text.trimEnd().split('\n')) say(`  start | ${line}`)
    })
  }
  child.on('exit', () => (ended = true))
  child.on('error', (error) => {
    output += `It could not be started: ${error.message}\n`
    ended = true
  })
  const stop = async () => {
    if (ended) return
    child.kill('SIGTERM')
    if (await until(() => ended, STOP_SECONDS * 1000)) return
    child.kill('SIGTERM') // A second signal stops it at once.
    // Its processes notice that it is gone, and stop by themselves (docs/architecture.md).
    if (!(await until(() => ended, 5000))) child.kill('SIGKILL')
    // It is a failure even where it has stopped now.
    throw new Refusal(`\`npm start\` did not stop within ${STOP_SECONDS} s.`)
  }
  bench.atEnd(stop)
  const runFile = path.join(clone, '.local/run.json')
  const nothingToWaitFor = () => ended || bench.signal.aborted || existsSync(runFile)
  if (!(await until(nothingToWaitFor, 300_000, 200)) || ended || bench.signal.aborted)
    throw new Refusal('`npm start` does not come up; see above.', tail(output))
  return { url: readJson(runFile).url, runFile, stop }
}
