import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildServer } from './build.mjs'
import { inRoot, sha256 } from './paths.mjs'
import { Refusal, say } from './say.mjs'

/** The folders that the worker's code comes from. */
const folders = ['worker', 'server', 'prisma']
/**
 * Milliseconds to wait after a change, because editors write a file in several steps and save several files at once.
 */
const settleMs = 100

/**
 * Bundles the worker as production runs it, because isolated handlers run in threads, which cannot load TypeScript. It
 * bundles again whenever a file of the worker is saved. Code that does not build is reported, and the running worker
 * goes on.
 * @param {(worker: string) => void} onChange gets the file to run from now on, when it differs from the one before
 */
export async function watchWorker(onChange) {
  const home = inRoot('.local/dev', String(process.pid))
  let version = 0
  // Each build gets a folder of its own, because the running worker still loads parts of the last one.
  const build = async () => {
    const folder = path.join(home, String(++version))
    await buildServer('', folder)
    return { folder, content: digest(folder) }
  }
  let current = await build()
  let work = Promise.resolve()
  const rebuild = async () => {
    try {
      const next = await build()
      if (next.content === current.content) return rmSync(next.folder, { recursive: true, force: true })
      const last = current
      current = next
      say('worker | its code has changed; starting it again.')
      onChange(path.join(next.folder, 'worker.mjs'))
      setTimeout(() => rmSync(last.folder, { recursive: true, force: true }), 60_000).unref()
    } catch (error) {
      say(
        `! The worker runs on as it was: its code does not build.\n${error instanceof Refusal ? (error.details ?? error.message) : error}`,
      )
    }
  }
  /** @type {NodeJS.Timeout | undefined} */
  let settled
  const { watch } = await import('chokidar')
  const watcher = watch(
    folders.map((folder) => inRoot(folder)),
    { ignoreInitial: true },
  )
  watcher.on('all', () => {
    clearTimeout(settled)
    settled = setTimeout(() => (work = work.then(rebuild)), settleMs)
  })
  watcher.on('error', (error) =>
    say(`! Changes of the worker's code are no longer seen: ${error instanceof Error ? error.message : error}`),
  )
  return {
    /** @param {'worker' | 'seed'} name */
    entry: (name) => path.join(current.folder, `${name}.mjs`),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/**
 * A hash of the two entry files. Files that are shared or loaded later are named in them by a hash of their content.
 * @param {string} folder
 */
const digest = (folder) =>
  sha256(['worker', 'thread'].map((name) => readFileSync(path.join(folder, `${name}.mjs`), 'utf8')).join())
