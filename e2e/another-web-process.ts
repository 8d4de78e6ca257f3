import path from 'node:path'
import { freePort } from '../launcher/ports.mjs'
import { clone, databaseUrl, nextAuthSecret } from './instance'
import { end, startNode, untilAnswering, type StartedProcess } from './started-process'

export interface WebProcess {
  url: string
  /** Restarts the process. SIGKILL ends it in the middle of everything, and SIGTERM lets it shut down gracefully. */
  restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  stop(): Promise<void>
}

/** Starts another web process of the instance under test. A test may restart it at any time, and must stop it. */
export async function startWebProcess(): Promise<WebProcess> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let running: StartedProcess

  async function start(): Promise<void> {
    running = startNode([path.join(clone, 'dist/web.mjs')], {
      cwd: clone,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        STORAGE_DIR: path.join(clone, '.local/storage'),
        NEXTAUTH_URL: url,
        NEXTAUTH_SECRET: nextAuthSecret(),
        LOG_LEVEL: 'fatal',
      },
    })
    await untilAnswering(`${url}/api/health/live`, running)
  }

  await start()
  return {
    url,
    async restart(signal) {
      await end(running, signal)
      await start()
    },
    stop: () => end(running, 'SIGKILL'),
  }
}

/** Starts several web processes at once. Where one does not start, none of them stays. */
export async function startWebProcesses(count: number): Promise<WebProcess[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, startWebProcess))
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (!failed) return started
  await Promise.all(started.map((web) => web.stop()))
  throw failed.reason
}
