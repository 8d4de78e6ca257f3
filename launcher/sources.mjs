import { existsSync, readdirSync } from 'node:fs'
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
/** Files at the root that only an editor or a test tool reads. */
const filesOfTestTools = /^(?:next-env\.d\.ts|(?:vitest|playwright|eslint)\.config\.m?[jt]s)$/
/** Files that a build does not read: tests, notes, and logs. */
const skippedFiles = /\.(?:test\.tsx?|md|log)$|^\.(?!env)/
const skippedFolders = new Set(['generated', 'node_modules'])

/** Every file that a build reads, always in the same order. */
export function sourceFiles(clone = root) {
  const atRoot = readdirSync(clone, { withFileTypes: true }).filter(
    ({ name }) => rootFiles.test(name) && !filesOfTestTools.test(name),
  )
  const chosen = [
    ...atRoot.filter((entry) => entry.isFile()).map(({ name }) => path.join(clone, name)),
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
