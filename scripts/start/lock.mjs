import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { inState, readJson, stateDir, writeAtomically } from './paths.mjs'
import { identify, signalProcess, stillRuns, until } from './processes.mjs'
import { Refusal } from './say.mjs'

/**
 * @typedef {import('./processes.mjs').Identity} Identity
 * @typedef {{ supervisor: Identity, url: string | null, children: Record<string, Identity> }} Lock
 */

const file = () => inState('start.json')

/** Refuses when another start of this clone still runs. Touches nothing. */
export function refuseSecondStart() {
  const lock = /** @type {Lock | null} */ (readJson(file()))
  if (lock && stillRuns(lock.supervisor)) throw alreadyRuns(lock)
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
 * Makes this process the one that runs this clone. What an earlier run left behind when it was
 * killed (its web or worker) is stopped first.
 */
export async function takeLock() {
  mkdirSync(stateDir, { recursive: true })
  /** @type {Lock} */
  const mine = { supervisor: identify(process.pid), url: null, children: {} }
  const temporary = `${file()}.${process.pid}.tmp`
  writeFileSync(temporary, JSON.stringify(mine), { mode: 0o600 })
  try {
    for (;;) {
      try {
        linkSync(temporary, file()) // fails when the file exists: of two starts one wins
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
  const alive = Object.values(earlier.children ?? {}).filter(stillRuns)
  for (const { pid } of alive) signalProcess(pid, 'SIGTERM')
  await until(() => !alive.some(stillRuns), 8000)
  for (const child of alive) if (stillRuns(child)) signalProcess(child.pid, 'SIGKILL')
  await until(() => !alive.some(stillRuns), 2000)
}

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

  /** Remembers a child, so that the next start finds it should this process be killed. @param {string} name @param {number} pid */
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
