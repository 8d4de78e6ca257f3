import path from 'node:path'
import { say } from './say.mjs'

/**
 * Milliseconds to wait after a change, because editors write a file in several steps and save several files at once.
 */
const settleMs = 100
const foreign = (/** @type {string} */ file) => /[\\/](?:node_modules|\.git)(?:[\\/]|$)/.test(file)

/**
 * Calls `onSaved` when files of these folders have changed, once for changes that come together.
 * @param {string[]} watched
 * @param {() => void} onSaved
 */
export const watchFolders = (watched, onSaved) => follow(watched, foreign, onSaved)

/**
 * Watches a folder that may be made later, or removed and made anew, as by a checkout. A folder that is gone cannot be
 * watched. So the folder around it is watched, and nothing else in there counts.
 * @param {string} folder
 * @param {() => void} onSaved
 */
export function watchFolderThatMayGo(folder, onSaved) {
  const parent = path.dirname(folder)
  const inside = (/** @type {string} */ file) => file === folder || file.startsWith(folder + path.sep)
  return follow([parent], (file) => file !== parent && (!inside(file) || foreign(file.slice(folder.length))), onSaved)
}

/**
 * @param {string[]} watched
 * @param {(file: string) => boolean} ignored
 * @param {() => void} onSaved
 */
async function follow(watched, ignored, onSaved) {
  const { watch } = await import('chokidar')
  /** @type {NodeJS.Timeout | undefined} */
  let settled
  const watcher = watch(watched, { ignoreInitial: true, ignored })
  watcher.on('all', () => {
    clearTimeout(settled)
    settled = setTimeout(onSaved, settleMs)
  })
  watcher.on('error', (error) =>
    say(`! Changes of ${watched.join(', ')} are no longer seen: ${error instanceof Error ? error.message : error}`),
  )
  return watcher
}
