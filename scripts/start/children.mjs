import { inRoot, inState, root } from './paths.mjs'
import { rotate, Supervisor } from './supervisor.mjs'

/**
 * The web process: Next.js itself, not a wrapper around it.
 * @param {{ env: import('./processes.mjs').Environment, port: number, host: string, mode?: 'start' | 'dev', name?: string, silent?: boolean, onStart: (pid: number) => void }} options
 */
export function webProcess({ env, port, host, mode = 'start', name = 'web', silent, onStart }) {
  const logFile = inState(`logs/${name}.log`)
  rotate(logFile)
  return new Supervisor({
    name,
    file: process.execPath,
    args: [
      // `next dev` passes on what its own process was started with, and ends its server by itself.
      ...(mode === 'start' ? ['--import', new URL('child-guard.mjs', import.meta.url).href] : []),
      inRoot('node_modules/next/dist/bin/next'), mode, '--port', String(port), '--hostname', host,
    ],
    cwd: root,
    env,
    ipc: mode === 'start',
    stopMs: 8000,
    logFile,
    silent,
    onStart,
  })
}

/**
 * The worker process, with a channel over which it is asked for signs of life.
 * @param {{ env: import('./processes.mjs').Environment, drainSeconds: number, logFile?: string, args?: string[], heartbeat?: boolean, name?: string, silent?: boolean, onStart?: (pid: number) => void }} options
 */
export function workerProcess({ env, drainSeconds, logFile, args = [inRoot('dist/worker.mjs')], heartbeat = true, name = 'worker', silent, onStart }) {
  if (logFile) rotate(logFile)
  return new Supervisor({
    name,
    file: process.execPath,
    args: ['--enable-source-maps', ...args],
    cwd: root,
    env,
    ipc: true,
    heartbeat,
    // The drain, then a moment for handing back what did not end in it.
    stopMs: (drainSeconds + 3.5) * 1000,
    logFile,
    silent,
    onStart,
  })
}
