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
 * Finds out whether artifacts can be kept in a folder: makes it, writes a file, moves the file and removes it. Looking
 * at the folder's mode would not do: root may write anyway, and nobody can on a disk that is full or read-only.
 * @param {string} directory
 * @returns {string} '' when they can, otherwise the error's code
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

/**
 * Node's own `recursive` never ends where the system says of each new folder that its parent is missing, as /proc does.
 * @param {string} folder
 */
function makeFolder(folder) {
  if (existsSync(folder)) return
  makeFolder(path.dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process has just made it.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  }
}

/** @param {string} directory @param {string} code */
export const notWritable = (directory, code) =>
  `STORAGE_DIR ${directory} cannot be written to (${code}). Name a folder that this process can write to.`

/**
 * An earlier version left artifacts readable by every user of the machine. This closes those of our folders that are
 * still open: of organizations, `staging` and `uploads`. The folder around them is left as it is, because it may hold
 * files that are not ours.
 * @param {string} directory
 */
export function tightenStorage(directory) {
  for (const entry of entriesOf(directory)) {
    // The form of a UUID, as in server/engine/domain/uuid.ts, which plain JavaScript cannot import.
    if (/^(?:staging|uploads|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(entry))
      tighten(path.join(directory, entry))
  }
}

/**
 * Takes the rights of other users from a file, or from a folder and everything below it. A folder is closed after its
 * contents, so a folder that is closed already needs no second look.
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

/**
 * Only the owner can change a file's mode. Files of another user are left to that user.
 * @param {string} file
 * @param {number} mode
 */
function close(file, mode) {
  try {
    chmodSync(file, mode)
  } catch {
    // It belongs to another user.
  }
}
