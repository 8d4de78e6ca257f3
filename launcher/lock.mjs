import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { inState, readJson, stateDir, writeAtomically } from './paths.mjs'
import { stopPostgresOn } from './postgres-leftover.mjs'
import { identify, signalProcess, stillRuns, until } from './processes.mjs'
import { Refusal } from './say.mjs'

/**
 * @typedef {import('./processes.mjs').Identity} Identity
 * @typedef {{ supervisor: Identity, url: string | null, children: Record<string, Identity> }} Lock what start.json holds:
 *   who runs Jobyard from this folder, its address once it is up, and the processes that it has started
 */

const file = () => inState('start.json')

/** Refuses when another start from this folder is still running. It changes nothing. */
export function refuseSecondStart() {
  const lock = /** @type {Lock | null} */ (readJson(file()))
  if (lock && stillRuns(lock.supervisor)) throw alreadyRuns(lock)
}

/** Refuses a state folder that cannot be made or written to. It changes nothing. */
export function refuseUnusableState() {
  let folder = stateDir
  while (!existsSync(folder)) folder = path.dirname(folder)
  if (!statSync(folder).isDirectory()) throw unusable({ code: 'ENOTDIR' })
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unusable(error)
  }
}

/** @param {unknown} error */
function unusable(error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error)
  const given = process.env.JOBYARD_STATE_DIR
  return new Refusal(
    `${given ? `JOBYARD_STATE_DIR: ${stateDir}` : stateDir} cannot be written to (${code}). ` +
      (given ? 'Name a folder that can, or leave it out.' : 'Set JOBYARD_STATE_DIR to a folder that can.'),
  )
}

/** @param {Lock} lock */
function alreadyRuns({ url, supervisor }) {
  return new Refusal(
    url
      ? `already running from this folder at ${url} (process ${supervisor.pid}). Stop that one first, or use it.`
      : `already being started from this folder by process ${supervisor.pid}. Wait for it, or stop it first.`,
  )
}

/**
 * Makes this process the one that runs Jobyard from this folder. An earlier run that was killed may have left its web
 * process, worker or PostgreSQL running. They are stopped first.
 */
export async function takeLock() {
  /** @type {Lock} */
  const mine = { supervisor: identify(process.pid), url: null, children: {} }
  const temporary = `${file()}.${process.pid}.tmp`
  try {
    mkdirSync(stateDir, { recursive: true })
    writeFileSync(temporary, JSON.stringify(mine), { mode: 0o600 })
  } catch (error) {
    throw unusable(error)
  }
  try {
    for (;;) {
      try {
        linkSync(temporary, file()) // This fails when the file exists, so of two starts one wins.
        break
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      }
      const aside = `${file()}.${process.pid}.old`
      try {
        renameSync(file(), aside)
      } catch {
        continue
      }
      const earlier = /** @type {Lock | null} */ (readJson(aside))
      if (earlier && stillRuns(earlier.supervisor)) {
        renameSync(aside, file())
        throw alreadyRuns(earlier)
      }
      rmSync(aside, { force: true })
      if (earlier) await stopLeftovers(earlier)
    }
  } finally {
    rmSync(temporary, { force: true })
  }
  return new HeldLock(mine)
}

/** @param {Lock} earlier */
async function stopLeftovers(earlier) {
  const { postgres, ...others } = earlier.children ?? {}
  const alive = Object.values(others).filter(stillRuns)
  for (const { pid } of alive) signalProcess(pid, 'SIGTERM')
  await until(() => !alive.some(stillRuns), 8000)
  for (const child of alive) if (stillRuns(child)) signalProcess(child.pid, 'SIGKILL')
  await until(() => !alive.some(stillRuns), 2000)
  // PostgreSQL takes SIGTERM to mean "when all sessions have ended", and recovers from a kill as from a crash.
  const folder = inState('postgres')
  if (stillRuns(postgres) && existsSync(folder)) await stopPostgresOn(path.join(realpathSync(folder), 'data'))
}

/** The lock that this process holds, and what it writes into it for the next start. */
export class HeldLock {
  /** @param {Lock} content */
  constructor(content) {
    this.content = content
  }

  /** @param {string} url */
  setUrl(url) {
    this.content.url = url
    this.#write()
  }

  /**
   * Records a child, so that the next start finds it if this process is killed.
   * @param {string} name
   * @param {number} pid
   */
  setChild(name, pid) {
    this.content.children[name] = identify(pid)
    this.#write()
  }

  #write() {
    writeAtomically(file(), JSON.stringify(this.content))
  }

  release() {
    rmSync(file(), { force: true })
  }
}
