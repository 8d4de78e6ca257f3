import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildServer } from './build.mjs'
import { buildHandlers, describedBuild } from './handlers.mjs'
import { ensureHandlerDependencies } from './handlers-install.mjs'
import { handlersFolder, inRoot, sha256 } from './paths.mjs'
import { Refusal, say } from './say.mjs'
import { watchFolders, watchFolderThatMayGo } from './watch-folders.mjs'

/** The folders that the worker's code comes from. */
const folders = ['worker', 'server', 'prisma']

/**
 * Bundles the worker and one's own handlers as production runs them, because isolated handlers run in threads, which
 * cannot load TypeScript. Both are bundled again whenever one of their files is saved. Code that does not build is
 * reported, and the running worker goes on.
 * @param {object} take each gets what to run from now on, when it differs from what was run before
 * @param {(args: string[], handlers: string | null) => void} take.onChange the worker has to start anew
 * @param {(args: string[], handlers: string) => void} take.onHandlers only the code of handlers has changed
 */
export async function watchWorker({ onChange, onHandlers }) {
  const home = inRoot('.local/dev', String(process.pid))
  let version = 0
  // Each build gets a folder of its own, because the running worker still loads parts of the last one.
  const build = async () => {
    const folder = path.join(home, String(++version))
    await buildServer('', folder) // The folder is new, so there is no earlier build that a hash would be compared with.
    return { folder, content: digest(folder) }
  }
  await ensureHandlerDependencies()
  let current = await build()
  let handlers = (await buildHandlers(current.folder)).folder
  let work = Promise.resolve()
  const takeWorker = async () => {
    const next = await build()
    if (next.content === current.content) return rmSync(next.folder, { recursive: true, force: true })
    const last = current
    current = next
    handlers = (await buildHandlers(current.folder)).folder
    say('worker | its code has changed; starting it again.')
    onChange([workerFile()], handlers)
    // The old worker drains for a moment, and may load parts of its build until it is gone.
    setTimeout(() => rmSync(last.folder, { recursive: true, force: true }), 60_000).unref()
  }
  const takeHandlers = async () => {
    await ensureHandlerDependencies()
    const next = (await buildHandlers(current.folder)).folder
    if (next === handlers) return
    const alike = next !== null && runsAlike(next) === runsAlike(handlers)
    handlers = next
    if (next !== null && alike) {
      say('worker | your handlers have changed.')
      return onHandlers([workerFile()], next)
    }
    say('worker | your handlers have changed; starting it again.')
    onChange([workerFile()], handlers)
  }
  const workerFile = () => path.join(current.folder, 'worker.mjs')
  const queue = (/** @type {() => Promise<void>} */ take) => {
    work = work.then(take).catch((error) => {
      const why = error instanceof Refusal ? (error.details ?? error.message) : error
      say(`! The worker runs on as it was: its code does not build.\n${why}`)
    })
  }
  const ofSources = await watchFolders(
    folders.map((folder) => inRoot(folder)),
    () => queue(takeWorker),
  )
  const ofHandlers = await watchFolderThatMayGo(handlersFolder(), () => queue(takeHandlers))
  // A file that was saved after the first build and before anybody watched has told nobody.
  ofSources.once('ready', () => queue(takeWorker))
  ofHandlers.once('ready', () => queue(takeHandlers))
  return {
    /** @param {'worker' | 'seed'} name */
    entry: (name) => path.join(current.folder, `${name}.mjs`),
    handlers: () => handlers,
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/**
 * The keys of a build and where each runs: what a worker says of itself once, when it starts.
 * @param {string | null} built
 */
const runsAlike = (built) =>
  JSON.stringify(
    describedBuild(built)
      .handlers.map(({ key, isolated }) => [key, isolated])
      .sort(),
  )

/**
 * A hash of the two entry files. Files that are shared or loaded later are named in them by a hash of their content.
 * @param {string} folder
 */
const digest = (folder) =>
  sha256(['worker', 'thread'].map((name) => readFileSync(path.join(folder, `${name}.mjs`), 'utf8')).join())
