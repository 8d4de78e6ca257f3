import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readJson } from '../launcher/paths.mjs'
import { freePort } from '../launcher/ports.mjs'
import { until } from '../launcher/processes.mjs'
import { Refusal, say, tail } from '../launcher/say.mjs'
import { cleanEnvironment, cloneOf } from './clone.mjs'

/**
 * Starts Jobyard as a newcomer would, in a copy of this clone, so that one that runs here is not
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
  child.on('error', () => (ended = true))
  const stop = async () => {
    if (ended) return
    child.kill('SIGTERM')
    if (await until(() => ended, 25_000)) return
    child.kill('SIGTERM') // A second signal stops it at once.
    if (!(await until(() => ended, 5000))) child.kill('SIGKILL')
    throw new Refusal('`npm start` did not stop within 25 s.')
  }
  bench.atEnd(stop)
  const runFile = path.join(clone, '.local/run.json')
  const ready = () => ended || bench.signal.aborted || existsSync(runFile)
  if (!(await until(ready, 300_000, 200)) || ended)
    throw new Refusal('`npm start` does not come up; see above.', tail(output))
  return { url: readJson(runFile).url, runFile, stop }
}
