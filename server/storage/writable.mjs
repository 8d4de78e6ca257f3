import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Whether artifacts can be kept in a folder: makes it, writes there, moves what was written, and removes it. Modes prove
 * nothing to root, nor on a disk that is full or read-only.
 * @param {string} directory
 * @returns {string} '' where they can, else the error's code
 */
export function whyNotWritable(directory) {
  const name = `.probe-${process.pid}-${randomBytes(6).toString('hex')}`
  const [staged, kept] = [path.join(directory, 'staging', name), path.join(directory, name)]
  try {
    makeFolder(path.dirname(staged))
    const file = openSync(staged, 'wx', 0o600)
    try {
      writeSync(file, Buffer.alloc(4096))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(staged, kept)
    return ''
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code ?? String(error)
  } finally {
    for (const left of [staged, kept]) {
      try {
        rmSync(left, { force: true })
      } catch {
        // what cannot be written cannot be removed
      }
    }
  }
}

/** Node's own `recursive` tries for ever where a system says of each new folder that the one above is missing, as /proc does. @param {string} folder */
function makeFolder(folder) {
  if (existsSync(folder)) return
  makeFolder(path.dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process was quicker.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  }
}

/** @param {string} directory @param {string} code */
export const notWritable = (directory, code) =>
  `STORAGE_DIR ${directory} cannot be written to (${code}). Name a folder that this process can write to.`

/**
 * Takes from others what an earlier version let them read: each folder of an organization that is still open to them,
 * with all that it holds. The folder around them may hold what is not ours, and stays as it is.
 * @param {string} directory
 */
export function tightenStorage(directory) {
  for (const entry of entriesOf(directory)) {
    if (/^(?:staging|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(entry)) tighten(path.join(directory, entry))
  }
}

/**
 * Takes the rights of others from a file, or from a folder and all below it. A folder that is closed to them has been
 * here before: it is the last to be changed, and is not looked into again.
 * @param {string} file
 */
export function tighten(file) {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (!stat || stat.isSymbolicLink()) return
  if (stat.mode & 0o077) tightenAll(file, stat)
}

/** @param {string} file @param {import('node:fs').Stats} stat */
function tightenAll(file, stat) {
  for (const entry of stat.isDirectory() ? entriesOf(file) : []) {
    const below = path.join(file, entry)
    const found = lstatSync(below, { throwIfNoEntry: false })
    if (found && !found.isSymbolicLink()) tightenAll(below, found)
  }
  if (stat.mode & 0o077) close(file, stat.mode & 0o700)
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** What belongs to another user is that one's to close. @param {string} file @param {number} mode */
function close(file, mode) {
  try {
    chmodSync(file, mode)
  } catch {
    // see above
  }
}
