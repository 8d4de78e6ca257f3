import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { root } from './paths.mjs'

/**
 * The folders that a build reads. Whatever else lies in the clone (artifacts in STORAGE_DIR, a state folder, dumps) may
 * change and grow without a new build.
 */
const folders = ['app', 'cli', 'client', 'prisma', 'public', 'server', 'worker']
/**
 * Files at the root that a build reads: code and settings such as proxy.ts and next.config.mjs, and `.env`, which
 * Next.js reads.
 */
const rootFiles = /^(?:package|package-lock|tsconfig)\.json$|^\.env|^[^.].*\.[cm]?[jt]sx?$/
/** Files at the root that look as `rootFiles` do, but that only an editor or a test tool reads. */
const rootFilesNotBuilt = /^(?:next-env\.d\.ts|(?:vitest|playwright|eslint)\.config\.m?[jt]s)$/
/** Files that a build does not read: tests and what only they use, notes, logs, examples, and hidden files other than `.env…`. */
const skippedFiles = /\.(?:(?:test|fixture)\.[cm]?[jt]sx?|md|log|example)$|^\.(?!env)/
const skippedFolders = new Set(['generated', 'node_modules'])

/** Every file that a build reads, always in the same order. `clone` is the folder of the repository. */
export function sourceFiles(clone = root) {
  const atRoot = readdirSync(clone).filter((name) => rootFiles.test(name) && !rootFilesNotBuilt.test(name))
  const chosen = [
    // `.env` is often a link to a file elsewhere.
    ...atRoot
      .map((name) => path.join(clone, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile()),
    ...folders.flatMap((name) => filesIn(path.join(clone, name))),
  ]
  return chosen.filter((file) => !skippedFiles.test(path.basename(file))).sort()
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : filesIn(full)
    return entry.isFile() ? [full] : []
  })
}
