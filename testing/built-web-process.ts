import path from 'node:path'
import { webFlags } from '../launcher/children.mjs'
import { freePort } from '../launcher/ports.mjs'
import { end, startNode, untilAnswering, type StartedProcess } from './started-process'

/** A web process as in production. */
export interface BuiltWebProcess {
  url: string
  /** The process that runs now. A restart puts another one in its place. */
  process: () => StartedProcess
  /** Restarts the process. SIGKILL ends it in the middle of everything, and SIGTERM lets it shut down gracefully. */
  restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a web process from what was built in `clone`, and waits until it answers. Whoever starts one
 * stops it. `env` adds variables to those of this process, or changes them.
 */
export async function startBuiltWebProcess({
  clone,
  databaseUrl,
  secret,
  port,
  env = {},
}: {
  clone: string
  databaseUrl: string
  /** What sessions are signed with. */
  secret: string
  /** Without it, one that is free. */
  port?: number
  env?: Record<string, string>
}): Promise<BuiltWebProcess> {
  const free = port ?? (await freePort())
  const url = `http://${env.HOST ?? '127.0.0.1'}:${free}`
  let running: StartedProcess

  async function start(): Promise<void> {
    running = startNode([...webFlags, path.join(clone, 'dist/web.mjs')], {
      cwd: clone,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        PORT: String(free),
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        STORAGE_DIR: path.join(clone, '.local/storage'),
        NEXTAUTH_URL: url,
        NEXTAUTH_SECRET: secret,
        LOG_LEVEL: 'warn',
        ...env,
      },
    })
    await untilAnswering(`${url}/api/health/live`, running)
  }

  await start()
  return {
    url,
    process: () => running,
    async restart(signal) {
      await end(running, signal)
      await start()
    },
    // A web process has nothing to clean up, and would wait for every open page. So it is killed.
    stop: () => end(running, 'SIGKILL'),
  }
}
