import { say } from './say.mjs'
import { signalCommands } from './processes.mjs'

/**
 * @typedef {import('./supervisor.mjs').Supervisor} Supervisor
 */

/**
 * Ends everything at SIGINT, SIGTERM or SIGHUP. Web and worker drain side by side, then PostgreSQL stops. At a second
 * signal all end at once. Ctrl-C arrives twice when npm passes on what the terminal has sent us already, so a signal
 * within half a second of the first counts as the same one.
 */
export class Shutdown {
  /** @type {{ first: Supervisor[], last: Supervisor[] }} */
  #children = { first: [], last: [] }
  /** @type {(() => void)[]} */
  #atEnd = []
  #startedAt = 0

  constructor() {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(signal, () => this.#signal())
    process.on('exit', () => this.#atEnd.forEach((work) => work()))
  }

  get started() {
    return this.#startedAt > 0
  }

  /** @param {Supervisor} child */
  stopFirst(child) {
    this.#children.first.push(child)
  }

  /** @param {Supervisor} child */
  stopLast(child) {
    this.#children.last.push(child)
  }

  /** Runs when this process ends in any orderly way. @param {() => void} work */
  atEnd(work) {
    this.#atEnd.push(work)
  }

  #signal() {
    if (!this.started) {
      this.#startedAt = performance.now()
      say('\nStopping: running jobs get a moment to end. Press Ctrl-C again to stop at once.')
      signalCommands('SIGTERM')
      void this.stopAll().then(() => process.exit(0))
    } else if (performance.now() - this.#startedAt > 500) {
      signalCommands('SIGKILL')
      for (const child of [...this.#children.first, ...this.#children.last]) child.stopNow()
    }
  }

  async stopAll() {
    await Promise.all(this.#children.first.map((child) => child.stop()))
    await Promise.all(this.#children.last.map((child) => child.stop()))
  }
}
