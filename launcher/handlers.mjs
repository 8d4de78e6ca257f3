import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { handlerPackages } from './handler-packages.mjs'
import { hashOf } from './handlers-hash.mjs'
import { inspect } from './handlers-inspect.mjs'
import { ensureHandlerDependencies } from './handlers-install.mjs'
import { handlersFolder, readJson, writeAtomically } from './paths.mjs'
import { say, step } from './say.mjs'

/**
 * @typedef {import('../worker/catalog/built').BuiltHandlers} BuiltHandlers
 * @typedef {import('../worker/catalog/built').HandlerProblem} HandlerProblem
 */

/** How many earlier builds are kept in a folder. A worker that runs may still load parts of one of them. */
const keptBuilds = 20

/** The files of a folder that are handlers: those right in it, without tests, types and settings of tools. */
export function handlerFiles(folder = handlersFolder()) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => /^[^.].*\.(?:[cm]?ts|m?js)$/.test(name) && !/\.(?:test|spec|config|d)\.[cm]?[jt]s$/.test(name))
    .sort()
}

/**
 * Installs what the handlers of one's own need, and builds them for the worker in `dist`.
 * @param {string} dist
 * @returns {Promise<string | null>} the folder of the build; null where there are none
 */
export async function prepareHandlers(dist) {
  if (handlerFiles().length === 0) return (await buildHandlers(dist)).folder
  await ensureHandlerDependencies()
  return step('Building your handlers', async () => (await buildHandlers(dist)).folder)
}

/**
 * Builds the handlers of one's own for the worker that lies in `dist`. A file that does not build or load, or is no
 * handler, stops only itself: it is named among the problems, and on the terminal.
 * @param {string} dist the folder of worker.mjs and inspect.mjs
 * @param {{ folder?: string, home?: string, silent?: boolean }} [options] `home`: where builds are kept
 * @returns {Promise<{ folder: string | null, problems: HandlerProblem[] }>} the folder of the build; null where there
 *   are no handlers of one's own
 */
export async function buildHandlers(
  dist,
  { folder = handlersFolder(), home = path.join(dist, 'handlers'), silent = false } = {},
) {
  const inspector = path.join(dist, 'inspect.mjs')
  const files = handlerFiles(folder)
  if (files.length === 0) {
    rmSync(path.join(home, 'latest'), { force: true })
    return { folder: null, problems: [] }
  }
  const hash = await hashOf(folder, inspector)
  const same = path.join(home, hash)
  if (existsSync(path.join(same, 'catalog.json'))) return noteLatestBuild(home, hash, [])

  const draft = path.join(home, `.draft-${process.pid}-${process.hrtime.bigint().toString(36)}`)
  mkdirSync(draft, { recursive: true })
  const { handlers, problems } = await make(folder, files, draft, inspector)
  writeFileSync(path.join(draft, 'catalog.json'), JSON.stringify({ handlers, problems }))
  // What went wrong may have causes outside of the files, such as a missing package. Such a build is not used again.
  const name = problems.length === 0 ? hash : `${hash}-${process.hrtime.bigint().toString(36)}`
  try {
    renameSync(draft, path.join(home, name))
  } catch {
    rmSync(draft, { recursive: true, force: true }) // Another process has made the same build meanwhile.
  }
  removeOld(home, name)
  if (!silent) for (const { file, message } of problems) say(`! ${path.join(folder, file)} ${message}`)
  return noteLatestBuild(home, name, problems)
}

/** @param {string} home @param {string} name @param {HandlerProblem[]} problems */
function noteLatestBuild(home, name, problems) {
  writeAtomically(path.join(home, 'latest'), name)
  return { folder: path.join(home, name), problems }
}

/**
 * @param {string} folder
 * @param {string[]} files
 * @param {string} target
 * @param {string} inspector
 * @returns {Promise<BuiltHandlers>}
 */
async function make(folder, files, target, inspector) {
  const { good, problems } = await bundle(folder, files, target)
  /** @type {Map<string, string>} */
  const fileOfKey = new Map()
  const handlers = []
  for (const one of await inspect(inspector, target, good.map(builtName))) {
    const file = sourceName(one.file)
    if ('problem' in one) problems.push({ file, message: one.problem })
    else {
      const first = fileOfKey.get(one.handler.key)
      if (first === undefined) {
        fileOfKey.set(one.handler.key, file)
        handlers.push(one.handler)
      } else
        problems.push({
          file,
          message: `has the key "${one.handler.key}", as ${first} has: give one of them another key`,
        })
    }
  }
  return { handlers, problems: problems.sort((a, b) => (a.file < b.file ? -1 : 1)) }
}

const builtName = (/** @type {string} */ file) => `${file}.mjs`
const sourceName = (/** @type {string} */ built) => built.replace(/\.mjs$/, '')

/**
 * Builds all files together, so that code which several import is built once. Where that fails, each is tried alone,
 * and those that build alone are built together.
 * @param {string} folder
 * @param {string[]} files
 * @param {string} target
 * @returns {Promise<{ good: string[], problems: HandlerProblem[] }>}
 */
async function bundle(folder, files, target) {
  const { build } = await import('esbuild')
  /** @param {string[]} names @param {boolean} write */
  const attempt = (names, write) =>
    build({
      absWorkingDir: folder,
      entryPoints: names.map((name) => ({ in: path.join(folder, name), out: name })),
      outdir: target,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      write,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      // Without this esbuild would take files of packages that are meant for bundlers only.
      conditions: [],
      // A file of the author's may be CommonJS. Its `require` of a package or of Node.js stays in the build, and modules
      // have no `require` of their own.
      banner: {
        js: "import { createRequire as requireOfModule } from 'node:module'; const require = requireOfModule(import.meta.url);",
      },
      sourcemap: true,
      plugins: [handlerPackages(folder)],
      logLevel: 'silent',
    })
  try {
    await attempt(files, true)
    return { good: files, problems: [] }
  } catch {
    const good = []
    const problems = []
    for (const file of files) {
      try {
        await attempt([file], false)
        good.push(file)
      } catch (error) {
        problems.push({ file, message: `does not build: ${firstError(error)}` })
      }
    }
    if (good.length > 0) await attempt(good, true)
    return { good, problems }
  }
}

/** @param {unknown} error */
function firstError(error) {
  const [first] = /** @type {{ errors?: import('esbuild').Message[] }} */ (error).errors ?? []
  if (!first) return error instanceof Error ? error.message.split('\n')[0] : String(error)
  const { location, text } = first
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text
}

/** @param {string} home @param {string} present */
function removeOld(home, present) {
  const builds = readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== present)
    .map(({ name }) => ({ name, at: statSync(path.join(home, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { name } of builds.slice(keptBuilds)) rmSync(path.join(home, name), { recursive: true, force: true })
}

/** What a build is made of. @param {string | null} built @returns {BuiltHandlers} */
export const describedBuild = (built) =>
  (built && readJson(path.join(built, 'catalog.json'))) || { handlers: [], problems: [] }
