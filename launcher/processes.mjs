import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {{ pid: number, stamp: string }} Identity a process, told from a later one with the same number
 * @typedef {Record<string, string | undefined>} Environment
 */

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * When a process started, in a form that can be compared. Empty when it has ended. Process ids are used again after a
 * restart of the machine or container, so an id alone proves nothing.
 * @param {number} pid
 */
export function startStamp(pid) {
  if (!isAlive(pid)) return ''
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return '' // The process is dead, and its parent has not fetched its exit code yet.
    // This field is the time of the start, counted from the start of the machine (`starttime` in proc(5)).
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return ps(pid, 'lstart=')
  }
}

/**
 * The command line of a process. Empty when it has ended or cannot be read.
 * @param {number} pid
 */
export function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ps(pid, 'command=')
  }
}

/**
 * Asks `ps`, where there is no /proc. The answer is compared with one of another day, so it must not depend on the
 * terminal's language or time zone.
 * @param {number} pid
 * @param {string} format
 */
function ps(pid, format) {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  try {
    return execFileSync('ps', ['-o', format, '-p', String(pid)], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}

/**
 * @param {number} pid
 * @returns {Identity}
 */
export const identify = (pid) => ({ pid, stamp: startStamp(pid) })

/**
 * True while this very process is alive.
 * @param {Identity | null | undefined} identity
 */
export const stillRuns = (identity) =>
  Boolean(identity?.stamp) &&
  startStamp(/** @type {Identity} */ (identity).pid) === /** @type {Identity} */ (identity).stamp

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/**
 * Waits until a condition holds. False when it did not hold in time.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} milliseconds
 */
export async function until(condition, milliseconds, pause = 50) {
  const end = performance.now() + milliseconds
  for (;;) {
    if (await condition()) return true
    if (performance.now() >= end) return false
    await sleep(pause)
  }
}

/**
 * The commands that are running, so that a signal can end them.
 * @type {Set<import('node:child_process').ChildProcess>}
 */
const commands = new Set()

/** @param {NodeJS.Signals} signal */
export function signalCommands(signal) {
  for (const child of commands) child.kill(signal)
}

/**
 * Runs a command to its end and returns its output. It never rejects because a command fails. The code is the one that
 * a shell would give: 127 where the command cannot be started, 128 and more where a signal ended it.
 * @param {string} file
 * @param {string[]} args
 * @param {Omit<import('node:child_process').SpawnOptions, 'env'> & { env?: Environment, input?: string, onLine?: (line:
 * string) => void }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>}
 */
export function run(file, args, { input, onLine, env, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      ...options,
      env: /** @type {NodeJS.ProcessEnv} */ (env ?? process.env),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    commands.add(child)
    let output = ''
    let stdout = ''
    let rest = ''
    /** @param {string} text @param {boolean} fromStdout */
    const take = (text, fromStdout) => {
      output += text
      if (fromStdout) stdout += text
      if (!onLine) return
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
    }
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => take(text, true))
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => take(text, false))
    /** @param {number} code */
    const done = (code) => {
      commands.delete(child)
      if (rest && onLine) onLine(rest)
      rest = ''
      resolve({ code, output, stdout })
    }
    child.on('error', (error) => {
      output += String(error.message)
      done(127)
    })
    child.on('close', (code, signal) => done(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)))
    if (input !== undefined) {
      child.stdin?.on('error', () => {})
      child.stdin?.end(input)
    }
  })
}
