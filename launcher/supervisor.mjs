import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { until } from './processes.mjs'
import { say } from './say.mjs'

/**
 * @typedef {object} ChildSpec
 * @property {string} name
 * @property {string} file
 * @property {string[]} args
 * @property {string} cwd
 * @property {import('./processes.mjs').Environment} env
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {boolean} [ipc] a channel to the child: it stops when its supervisor is gone
 * @property {boolean} [heartbeat] ping it over the channel; deaf for 10 s, it is killed
 * @property {NodeJS.Signals} [stopSignal] by default SIGTERM
 * @property {NodeJS.Signals} [stopNowSignal] by default SIGKILL
 * @property {number} [stopMs] after this long it gets `stopNowSignal`, or SIGKILL where another is to follow; by default
 *   5000
 * @property {string} [logFile] its output goes there, and only its complaints to the terminal
 * @property {boolean} [silent] not even its complaints go to the terminal
 * @property {() => Promise<void> | void} [beforeStart] runs before every start, also a repeated one
 * @property {(pid: number) => void} [onStart]
 */

/** After a death the process is started again so many milliseconds later. */
const restartMs = 150
/** After so many deaths within this time, the next start waits for longer. */
const burst = { deaths: 5, withinMs: 30_000, pauseMs: 10_000 }
/** How often a process is pinged, how long it may be silent, and how long before it answers for the first time. */
const heartbeat = { everyMs: 2000, deafMs: 10_000, bootMs: 60_000 }

/**
 * Keeps one process running. It starts the process again when it dies, kills it when it no longer answers, and stops it
 * when told to.
 */
export class Supervisor {
  /** @type {import('node:child_process').ChildProcess | null} */ #child = null
  /** @type {number[]} */ #deaths = []
  /** @type {NodeJS.Timeout | undefined} */ #restart
  #stopping = false
  /** True while the running process has been told to make way for another. */ #replaced = false
  /** @type {Promise<void> | null} */ #stopped = null

  /** @param {ChildSpec} spec */
  constructor(spec) {
    this.spec = spec
  }

  get pid() {
    return this.#child?.pid ?? null
  }

  /** True while the process lives and, where there is a heartbeat, has said that it is ready. */
  ready = false

  /** Starts the process. Rejects only when `beforeStart` does. */
  async start() {
    const { spec } = this
    await spec.beforeStart?.()
    if (this.#stopping) return
    const child = spawn(spec.file, spec.args, {
      cwd: spec.cwd,
      env: /** @type {NodeJS.ProcessEnv} */ (spec.env),
      uid: spec.uid,
      gid: spec.gid,
      // The child gets a process group of its own. So Ctrl-C reaches only us, and we stop the others in order.
      detached: true,
      stdio: spec.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.ready = !spec.heartbeat
    this.#log(child)
    const stopBeating = spec.heartbeat ? this.#beat(child) : () => {}
    let over = false
    /** @param {string} how */
    const ended = (how) => {
      if (over) return
      over = true
      stopBeating()
      this.#child = null
      this.ready = false
      if (!this.#stopping) this.#again(how)
    }
    child.on('error', (error) => child.pid === undefined && ended(error.message))
    child.on('exit', (code, signal) => ended(signal ? `killed by ${signal}` : `exit code ${code}`))
    if (child.pid !== undefined) this.#tellStart(child.pid)
  }

  /**
   * Reports the start. The process is running, even if recording it fails, for example because the disk is full. So a
   * failure here must not start a second one.
   * @param {number} pid
   */
  #tellStart(pid) {
    try {
      this.spec.onStart?.(pid)
    } catch (error) {
      say(
        `! ${this.spec.name} runs as process ${pid}, but this could not be written down: ${error instanceof Error ? error.message : error}`,
      )
    }
  }

  /** @param {string} how */
  #again(how) {
    if (this.#replaced) return this.#startAfter(0)
    const now = performance.now()
    this.#deaths = [...this.#deaths.filter((at) => now - at < burst.withinMs), now]
    const wait = this.#deaths.length >= burst.deaths ? burst.pauseMs : restartMs
    if (!this.spec.silent)
      say(`! ${this.spec.name} ended (${how}); starting it again${wait > 1000 ? ` in ${wait / 1000} s` : ''}.`)
    this.#startAfter(wait)
  }

  /** @param {number} milliseconds */
  #startAfter(milliseconds) {
    this.#replaced = false
    this.#restart = setTimeout(() => {
      this.start().catch((error) => this.#again(error instanceof Error ? error.message : String(error)))
    }, milliseconds)
  }

  /**
   * Stops the process, as `stop` does, and starts another with these arguments. This does not count as a death and is
   * not reported.
   * @param {string[]} args
   */
  restart(args) {
    this.spec.args = args
    if (this.#stopping) return
    const child = this.#child
    if (!child) {
      clearTimeout(this.#restart)
      return this.#startAfter(0)
    }
    this.#replaced = true
    child.kill(this.spec.stopSignal ?? 'SIGTERM')
    setTimeout(() => this.#child === child && child.kill('SIGKILL'), this.spec.stopMs ?? 5000).unref()
  }

  /**
   * Sends a message to the process that runs, which does what these arguments would make it do at its start. One that
   * is started later gets the arguments.
   * @param {object} message
   * @param {string[]} args
   */
  tell(message, args) {
    if (!this.ready || !this.#child?.connected) return this.restart(args)
    this.spec.args = args
    this.#child.send(message, () => undefined)
  }

  /**
   * Asks for a sign of life every 2 s. A supervisor that was asleep itself, as in a closed laptop, must not take that
   * time for the child's silence.
   * @param {import('node:child_process').ChildProcess} child
   */
  #beat(child) {
    let allowed = heartbeat.bootMs
    let silentMs = 0
    let last = performance.now()
    child.on('message', (message) => {
      const type = /** @type {{ type?: string } | null} */ (message)?.type
      if (type !== 'pong' && type !== 'ready') return
      silentMs = 0
      allowed = heartbeat.deafMs
      if (type === 'ready') this.ready = true
    })
    const timer = setInterval(() => {
      const now = performance.now()
      silentMs += Math.min(now - last, heartbeat.everyMs * 1.5)
      last = now
      if (silentMs > allowed) {
        if (!this.spec.silent)
          say(`! ${this.spec.name} has not answered for ${Math.round(silentMs / 1000)} s; killing it.`)
        child.kill('SIGKILL')
      } else if (child.connected) {
        child.send({ type: 'ping' }, () => {})
      }
    }, heartbeat.everyMs)
    if (child.connected) child.send({ type: 'ping' }, () => {})
    return () => clearInterval(timer)
  }

  /** @param {import('node:child_process').ChildProcess} child */
  #log(child) {
    const { logFile, name } = this.spec
    if (!logFile) {
      // This does not use pipe(), which stops reading when nobody reads our output any more. The child would then wait
      // for us.
      child.stdout?.on('data', (chunk) => process.stdout.write(chunk))
      child.stderr?.on('data', (chunk) => process.stderr.write(chunk))
      return
    }
    mkdirSync(path.dirname(logFile), { recursive: true })
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
    log.on('error', () => {})
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`)
        // All that our own processes, which have a channel, write to the standard error is a complaint. PostgreSQL, which
        // has none, writes its whole log there. `next dev` has none either.
        if (!this.spec.silent && (stream === child.stderr ? this.spec.ipc : isComplaint(line)))
          say(`${name} | ${readable(line)}`)
      })
    }
    child.on('close', () => log.end())
  }

  /** Ends the process and does not start it again. When its time is over it is killed. */
  stop() {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop() {
    this.#stopping = true
    clearTimeout(this.#restart)
    this.#child?.kill(this.spec.stopSignal ?? 'SIGTERM')
    if (await until(() => this.#child === null, this.spec.stopMs ?? 5000)) return
    this.stopNow()
    await until(() => this.#child === null, 2000)
  }

  stopNow() {
    this.#stopping = true
    clearTimeout(this.#restart)
    this.#child?.kill(this.spec.stopNowSignal ?? 'SIGKILL')
  }
}

/** True for a pino line of level warn or above. @param {string} line */
function isComplaint(line) {
  return /^\{"level":([5-9]\d|40|"warn"|"error"|"fatal")/.test(line)
}

/** @param {string} line */
function readable(line) {
  if (!line.startsWith('{')) return line
  try {
    const { msg, err, reason } = JSON.parse(line)
    return [msg, err?.message ?? reason].filter(Boolean).join(': ') || line
  } catch {
    return line
  }
}

/** Keeps the log of the last run beside the new one. @param {string} file */
export function rotate(file) {
  if (existsSync(file)) renameSync(file, `${file}.1`)
}
