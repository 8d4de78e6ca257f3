import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { inRoot, root } from '../launcher/paths.mjs'
import { run } from '../launcher/processes.mjs'
import { Refusal, step, tail } from '../launcher/say.mjs'
import { SETTINGS } from '../launcher/settings.mjs'

/** Files of this folder that a fresh clone does not have. */
const notCloned = new Set([
  'node_modules',
  '.next',
  '.local',
  '.git',
  'dist',
  'generated',
  'test-results',
  'playwright-report',
])
/** Handlers of whoever works here. Other folders of this name are the product's. */
const ownHandlers = 'handlers'
/** Parts of an earlier copy that are kept: what was installed and built. */
const kept = new Set(['node_modules', '.next', '.local', 'dist'])

/** @type {WeakMap<import('./workbench.mjs').Workbench, Promise<string>>} */
const clones = new WeakMap()

/** The copy of this clone that the suites of one run share. @param {import('./workbench.mjs').Workbench} bench */
export function cloneOf(bench) {
  let clone = clones.get(bench)
  if (!clone) clones.set(bench, (clone = copyClone(path.join(bench.folder, 'clone'))))
  return clone
}

/**
 * Copies this clone, so that a Jobyard that runs in this folder is not disturbed. Only the installed dependencies are
 * shared. An earlier copy in the same place is brought up to date.
 * @param {string} target
 * @returns {Promise<string>} target
 */
export function copyClone(target) {
  return step('Copying the clone', async () => {
    mkdirSync(target, { recursive: true })
    for (const name of readdirSync(target)) if (!kept.has(name)) rmSync(path.join(target, name), { recursive: true })
    for (const name of readdirSync(root)) {
      if (notCloned.has(name) || name === ownHandlers || /^\.env(\.local)?$/.test(name)) continue
      cpSync(inRoot(name), path.join(target, name), {
        recursive: true,
        filter: (source) => !notCloned.has(path.basename(source)),
      })
    }
    await shareDependencies(path.join(target, 'node_modules'))
    return target
  })
}

/**
 * Hard links and file-system clones cost nothing. Copying works everywhere, so it is the last choice.
 * @param {string} to
 */
async function shareDependencies(to) {
  if (existsSync(to)) return
  const from = inRoot('node_modules')
  const attempts = process.platform === 'darwin' ? [['-cR'], ['-R']] : [['-al'], ['-a']]
  for (const flags of attempts) {
    const { code } = await run('cp', [...flags, from, to])
    if (code === 0) return
    await run('rm', ['-rf', to])
  }
  throw new Refusal(`${from} could not be copied to ${to}. Is the disk full?`)
}

/** Builds the product in a copy of the clone, as `npm start` would. @param {string} clone */
export async function buildClone(clone) {
  await step('Building the copy', async () => {
    const { code, output } = await run(process.execPath, [path.join(clone, 'scripts/build.mjs')], {
      cwd: clone,
      env: cleanEnvironment(),
    })
    if (code !== 0) throw new Refusal('The copy does not build; see above.', tail(output, 60))
  })
}

/**
 * Beginnings of further variables that lead to somebody's servers and files: of the launcher and the command line, of
 * the AWS SDK, of OpenTelemetry, and of PostgreSQL's programs and drivers.
 */
const elsewhere = /^(?:JOBYARD|AWS|OTEL)_|^PG[A-Z]+$/

/**
 * The environment without the settings of a developer's own Jobyard. A copy must not reach its servers, write into its
 * files or its bucket, send mail, or run with its limits and pools. The settings are there and undefined, so that they
 * stay away also where this is spread over `process.env`. A process is started without them.
 * @returns {import('../launcher/processes.mjs').Environment}
 */
export const cleanEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).map(([name, value]) => [
      name,
      SETTINGS.has(name) || elsewhere.test(name) ? undefined : value,
    ]),
  )
