import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { inRoot } from '../launcher/paths.mjs'
import { freePort } from '../launcher/ports.mjs'
import { probeRedis } from '../launcher/probe-redis.mjs'
import { until } from '../launcher/processes.mjs'
import { Refusal } from '../launcher/say.mjs'
import { libraryPath, unpackDebian } from './apt.mjs'
import { onPath } from './programs.mjs'

/**
 * A Redis server's program and what it needs in the environment: REDIS_SERVER_BIN, one that is
 * installed, or one unpacked under .local/ (Debian and its children).
 * @returns {Promise<{ file: string, env: import('../launcher/processes.mjs').Environment }>}
 */
export async function findRedis() {
  const named = process.env.REDIS_SERVER_BIN
  if (named) {
    if (existsSync(named)) return { file: named, env: process.env }
    throw new Refusal(`REDIS_SERVER_BIN names ${named}, which does not exist.`)
  }
  const installed = onPath('redis-server', 'valkey-server')
  if (installed) return { file: installed, env: process.env }
  // The folder does not lie under JOBYARD_STATE_DIR, because Redis is fetched once for all test runs of this clone.
  const folder = inRoot('.local/redis-server')
  const unpacked = () => {
    const file = path.join(folder, 'root/usr/bin/redis-check-rdb') // redis-server is a link to this program.
    return existsSync(file) ? path.join(folder, 'root/usr/bin/redis-server') : null
  }
  if (!unpacked()) {
    const fresh = `${folder}.${process.pid}`
    const done = await unpackDebian(['redis-server'], fresh)
    if (done) {
      rmSync(folder, { recursive: true, force: true })
      rmSync(path.join(fresh, 'apt'), { recursive: true, force: true })
      try {
        renameSync(fresh, folder)
      } catch {
        // Another run has unpacked it in the meantime.
      }
    }
    rmSync(fresh, { recursive: true, force: true })
  }
  const file = unpacked()
  if (file) return { file, env: { ...process.env, LD_LIBRARY_PATH: libraryPath(folder) } }
  throw new Refusal(
    process.platform === 'darwin'
      ? 'The tests need a Redis server: run `brew install redis`, or set REDIS_SERVER_BIN to its program.'
      : 'The tests need a Redis server and none could be had: install redis-server (or run this in Docker, image redis:7 beside it), or set REDIS_SERVER_BIN to its program.',
  )
}

/**
 * Starts a Redis of our own on a free port, durable as in production.
 * @param {{ folder: string, url?: string }} options where its data goes; the address of one that was stopped, to start it again
 * @returns {Promise<{ url: string, pid: number, stop: () => Promise<void> }>}
 */
export async function startRedis({ folder, url: again }) {
  const { file, env } = await findRedis()
  mkdirSync(folder, { recursive: true })
  const port = again ? Number(new URL(again).port) : await freePort()
  const password = again ? new URL(again).password : randomBytes(18).toString('base64url')
  const child = spawn(
    file,
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--requirepass',
      password,
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--maxmemory-policy',
      'noeviction',
      '--daemonize',
      'no',
    ],
    {
      env: /** @type {NodeJS.ProcessEnv} */ (env),
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own, so that Ctrl-C in the terminal does not end it before the tests do.
      detached: true,
    },
  )
  let output = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)))
  child.on('exit', () => (ended = true))
  child.on('error', (error) => {
    output += `It could not be started: ${error.message}\n`
    ended = true
  })
  const url = `redis://:${password}@127.0.0.1:${port}/0`
  const up = () =>
    ended ||
    probeRedis(url, 1000).then(
      () => true,
      () => false,
    )
  if (!(await until(up, 15_000)) || ended) {
    child.kill('SIGKILL')
    throw new Refusal(`${file} does not start.`, output)
  }
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM')
      if (!(await until(() => ended, 5000))) child.kill('SIGKILL')
      await until(() => ended, 2000)
    },
  }
}
