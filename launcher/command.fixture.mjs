import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { STOP_SECONDS } from '../testing/instance.mjs'
import { readJson } from './paths.mjs'
import { until } from './processes.mjs'

/** The copy of the clone in which the commands run. */
export const clone = process.env.TEST_CLONE ?? ''
/** The folder in which the commands keep their data. */
export const state = process.env.TEST_STATE_DIR ?? ''

/**
 * Runs one of package.json's commands in the copy, as a user whose new files everybody may read.
 * @param {string} name
 * @param {import('./processes.mjs').Environment} [env]
 * @param {string[]} [args]
 */
export function command(name, env = {}, args = []) {
  /** @type {import('./processes.mjs').Environment} */
  const environment = { ...process.env, JOBYARD_STATE_DIR: state, NODE_ENV: undefined, ...env }
  const child = spawn('/bin/sh', ['-c', 'umask 022; exec npm run "$0" -- "$@"', name, ...args], {
    cwd: clone,
    env: /** @type {NodeJS.ProcessEnv} */ (environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    output += text
    errors += text
  })
  const ended = () => child.exitCode !== null || child.signalCode !== null
  const runFile = path.join(state, 'run.json')
  const running = {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    /**
     * Waits for a condition. Where it does not come true, the error shows the output of the command.
     * @param {() => boolean | Promise<boolean>} condition
     * @param {number} seconds
     */
    async waitFor(condition, seconds) {
      const came = await until(() => ended() || condition(), seconds * 1000, 100)
      expect(came && !ended(), output).toBe(true)
    },
    /** The exit code. @param {number} seconds */
    async end(seconds) {
      expect(await until(ended, seconds * 1000), output).toBe(true)
      return child.exitCode
    },
    /** Stops it as a service manager does: by SIGTERM to the one process that it started. */
    async stop() {
      child.kill('SIGTERM')
      return running.end(STOP_SECONDS)
    },
    /**
     * The content of run.json, once it is there.
     * @param {number} seconds
     * @returns {Promise<import('./run-file.mjs').Run>}
     */
    async run(seconds) {
      await running.waitFor(() => existsSync(runFile), seconds)
      return readJson(runFile)
    },
    now: () => /** @type {import('./run-file.mjs').Run} */ (readJson(runFile)),
  }
  onTestFinished(
    async () => {
      if (ended()) return
      child.kill('SIGTERM')
      if (await until(ended, STOP_SECONDS * 1000)) return
      child.kill('SIGTERM') // A second signal stops it at once.
      if (!(await until(ended, 5_000))) child.kill('SIGKILL')
    },
    (STOP_SECONDS + 10) * 1000,
  )
  return running
}

/**
 * The id of the process below this one that runs a file. 0 where there is none.
 * @param {number} ancestor
 * @param {string} file
 */
export function processBelow(ancestor, file) {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  const all = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((found) => found !== null)
  const family = new Set([ancestor])
  // A process may come in the list before the one that started it, so the list is walked until nothing is added.
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const [, pid, parent] of all) if (family.has(Number(parent))) family.add(Number(pid))
  }
  return Number(all.find(([, pid, , args]) => family.has(Number(pid)) && args?.includes(file))?.[1] ?? 0)
}

/** @param {string} url */
export const isServing = (url) =>
  fetch(`${url}/api/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  )

/**
 * Submits a job with the demo's key, and returns it once it has ended.
 * @param {import('./run-file.mjs').Run} run
 * @param {string} jobType
 * @param {Record<string, unknown>} parameters
 * @returns {Promise<{ status: string, result: unknown, error: unknown }>}
 */
export async function submitAndWait({ url, apiKeys }, jobType, parameters) {
  const { organizationId, key } =
    apiKeys.find(({ role, organizationId }) => role === 'OPERATOR' && organizationId) ?? {}
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  /** @param {Response} response */
  const data = async (response) => {
    const answer = await response.json()
    expect(response.ok, JSON.stringify(answer)).toBe(true)
    return answer.result.data
  }
  const { id } = await data(
    await fetch(`${url}/api/trpc/jobs.submit`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ organizationId, jobType, parameters }),
    }),
  )
  /** @type {any} */
  let job
  const input = encodeURIComponent(JSON.stringify({ jobId: id }))
  const over = async () => {
    job = await data(await fetch(`${url}/api/trpc/jobs.get?input=${input}`, { headers }))
    return ['COMPLETED', 'CANCELED', 'DEAD_LETTER'].includes(job.status)
  }
  expect(await until(over, 60_000, 200), JSON.stringify(job)).toBe(true)
  return job
}
