import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { inRoot } from './paths.mjs'

/** Files of Jobyard that may change what a build of the same handlers gives. */
const toolFiles = [
  'launcher/handlers.mjs',
  'launcher/handlers-hash.mjs',
  'launcher/handler-packages.mjs',
  'worker/handler/index.ts',
  'package.json',
]

/**
 * A hash over the content of everything from which a build of handlers is made: all files of their folder, except
 * installed packages and what begins with a dot, and the parts of Jobyard that do the building.
 * @param {string} folder
 * @param {string} inspector the built program that loads handlers and says what they are
 * @returns {Promise<string>}
 */
export async function hashOf(folder, inspector) {
  const hash = createHash('sha256').update(`${process.versions.node.split('.')[0]}\0${folder}\0`)
  for (const file of [...filesIn(folder), ...toolFiles.map((name) => inRoot(name)), inspector])
    hash.update(`${file}\0`).update(await digestOf(file))
  return hash.digest('hex').slice(0, 16)
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name)
      if (entry.isDirectory()) return filesIn(full)
      return statSync(full, { throwIfNoEntry: false })?.isFile() ? [full] : []
    })
}

/**
 * Digests of files that this process has read, by path. Under `npm run dev` the hash is made at each save, and a folder
 * may hold gigabytes of data.
 * @type {Map<string, { state: string, digest: Buffer }>}
 */
const digests = new Map()

/** @param {string} file @returns {Promise<Buffer>} */
async function digestOf(file) {
  const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
  // A program can set the time of modification back, but not ctime: it changes with every write.
  const state = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  const known = digests.get(file)
  if (known?.state === state) return known.digest
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  const digest = hash.digest()
  digests.set(file, { state, digest })
  return digest
}
