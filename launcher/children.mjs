import { inRoot, inState, root } from './paths.mjs'
import { rotate, Supervisor } from './supervisor.mjs'

/**
 * Answers live for milliseconds. With more room for new objects, fewer of them are copied by the garbage collector.
 * That saves a tenth of a call's processor time.
 */
export const webFlags = ['--max-semi-space-size=64']

/**
 * The web process, without a wrapper around it. With `mode` start there is a channel over which it is asked for signs
 * of life.
 * @param {{ env: import('./processes.mjs').Environment, port: number, host: string, mode?: 'start' | 'dev', name?: string, silent?: boolean, logFile?: string | null, onStart?: (pid: number) => void }} options `logFile` null: its output goes to the terminal; left out: to a file in logs/
 */
export function webProcess({
  env,
  port,
  host,
  mode = 'start',
  name = 'web',
  silent,
  logFile = inState(`logs/${name}.log`),
  onStart,
}) {
  if (logFile) rotate(logFile)
  // `next dev` listens on one address only. relayLoopback in launcher/ports.mjs passes on connections to the other.
  const development = [
    inRoot('node_modules/next/dist/bin/next'),
    'dev',
    '--port',
    String(port),
    '--hostname',
    host === 'localhost' ? '127.0.0.1' : host,
  ]
  return new Supervisor({
    name,
    file: process.execPath,
    args: mode === 'dev' ? development : [...webFlags, inRoot('dist/web.mjs')],
    cwd: root,
    env: { ...env, PORT: String(port), HOST: host },
    // `next dev` ends its own server, and needs no channel.
    ipc: mode === 'start',
    heartbeat: mode === 'start',
    // The process ends by itself within 5 s (GRACE_MS in server/web/main.ts).
    stopMs: 8000,
    logFile: logFile ?? undefined,
    silent,
    onStart,
  })
}

/**
 * What a worker process is started with.
 * @param {string[]} args its file, and flags before it
 * @param {string | null} handlers the build of one's own handlers
 */
export const workerArgs = (args, handlers) => [
  '--enable-source-maps',
  ...args,
  ...(handlers ? [`--handlers=${handlers}`] : []),
]

/**
 * The worker process, with a channel over which it is asked for signs of life. Without `logFile` its output goes to the
 * terminal.
 * @param {{ env: import('./processes.mjs').Environment, drainSeconds: number, handlers?: string | null, logFile?: string, args?: string[], heartbeat?: boolean, name?: string, silent?: boolean, onStart?: (pid: number) => void }} options
 */
export function workerProcess({
  env,
  drainSeconds,
  handlers = null,
  logFile,
  args = [inRoot('dist/worker.mjs')],
  heartbeat = true,
  name = 'worker',
  silent,
  onStart,
}) {
  if (logFile) rotate(logFile)
  return new Supervisor({
    name,
    file: process.execPath,
    args: workerArgs(args, handlers),
    cwd: root,
    env,
    ipc: true,
    heartbeat,
    // The drain, and what comes after DRAIN_SECONDS: a handler has 2 s after its signal, threads are closed, and the last
    // outcomes are written. worker/drain.ts gives these 6 s at most.
    stopMs: (drainSeconds + 8) * 1000,
    logFile,
    silent,
    onStart,
  })
}
