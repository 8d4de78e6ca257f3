import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { inRoot, readJson, root } from '../start/paths.mjs'
import { freePort } from '../start/ports.mjs'
import { run, until } from '../start/processes.mjs'
import { Refusal, say, step, tail } from '../start/say.mjs'

/** What a fresh clone does not hold. */
const notCloned = new Set(['node_modules', '.next', '.local', '.git', 'dist', 'generated', 'test-results', 'playwright-report'])

/**
 * Starts Jobyard as a newcomer would, in a copy of this clone, so that one that runs here is not
 * disturbed. Only the installed dependencies are shared.
 * @param {import('../test.mjs').Workbench} bench
 * @returns {Promise<{ url: string, runFile: string, stop: () => Promise<void> }>}
 */
export async function startInstance(bench) {
  const clone = path.join(bench.folder, 'clone')
  await step('Copying the clone', () => copyClone(clone))
  const port = await freePort()
  // What a developer has set for the own instance must not reach this one.
  /** @type {import('../start/processes.mjs').Environment} */
  const env = { ...process.env, PORT: String(port) }
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'NEXTAUTH_URL', 'NEXTAUTH_SECRET', 'STORAGE_DIR', 'HOST', 'JOBYARD_STATE_DIR']) delete env[name]
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
    child.kill('SIGTERM') // a second one stops at once
    if (!(await until(() => ended, 5000))) child.kill('SIGKILL')
    throw new Refusal('`npm start` did not stop within 25 s.')
  }
  bench.atEnd(stop)
  const runFile = path.join(clone, '.local/run.json')
  const ready = () => ended || bench.signal.aborted || existsSync(runFile)
  if (!(await until(ready, 300_000, 200)) || ended) throw new Refusal('`npm start` does not come up; see above.', tail(output))
  return { url: readJson(runFile).url, runFile, stop }
}

/** @param {string} target */
async function copyClone(target) {
  mkdirSync(target)
  for (const name of readdirSync(root)) {
    if (notCloned.has(name) || /^\.env(\.local)?$/.test(name)) continue
    cpSync(inRoot(name), path.join(target, name), { recursive: true, filter: (source) => !notCloned.has(path.basename(source)) })
  }
  // Hard links or clones cost nothing; copying is what works everywhere.
  const from = inRoot('node_modules')
  const to = path.join(target, 'node_modules')
  const attempts = process.platform === 'darwin' ? [['-cR'], ['-R']] : [['-al'], ['-a']]
  for (const flags of attempts) {
    const { code } = await run('cp', [...flags, from, to])
    if (code === 0) return
    await run('rm', ['-rf', to])
  }
  throw new Refusal(`${from} could not be copied to ${to}. Is the disk full?`)
}
