import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the clone. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** The folder for everything that belongs to this machine: data, secrets, logs. `JOBYARD_STATE_DIR` moves it. */
export const stateDir = path.resolve(root, process.env.JOBYARD_STATE_DIR || '.local')

/** @param {string[]} parts */
export const inState = (...parts) => path.join(stateDir, ...parts)

/** @param {string[]} parts */
export const inRoot = (...parts) => path.join(root, ...parts)

/** The folder with handlers of one's own. It need not exist. `JOBYARD_HANDLERS` moves it. */
export const handlersFolder = () => path.resolve(root, process.env.JOBYARD_HANDLERS || 'handlers')

/**
 * Writes a whole file or nothing, so that a reader never sees half of it.
 * @param {string} file
 * @param {string} content
 * @param {number} mode
 */
export function writeAtomically(file, content, mode = 0o600) {
  mkdirSync(path.dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content, { mode })
    chmodSync(temporary, mode) // The umask may have reduced the mode above.
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * The parsed content of a JSON file. Null when there is none, or it is not JSON.
 * @param {string} file
 * @returns {any}
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** @param {string | Buffer} content */
export const sha256 = (content) => createHash('sha256').update(content).digest('hex')
