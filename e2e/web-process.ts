import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../launcher/ports.mjs'

const runFile = process.env.E2E_RUN_FILE ?? ''
/** The clone in which the instance under test was built and started. */
export const clone = path.resolve(path.dirname(runFile), '..')
export const databaseUrl = (JSON.parse(readFileSync(runFile, 'utf8')) as { databaseUrl: string }).databaseUrl
export const { nextAuthSecret } = JSON.parse(
  readFileSync(path.join(path.dirname(runFile), 'secrets.json'), 'utf8'),
) as {
  nextAuthSecret: string
}

/** Starts another web process of the instance under test. A test may end it at any time. */
export async function startWebProcess() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess

  async function start(): Promise<void> {
    child = spawn(process.execPath, [path.join(clone, 'dist/web.mjs')], {
      cwd: clone,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        STORAGE_DIR: path.join(clone, '.local/storage'),
        NEXTAUTH_URL: url,
        // Another secret would be refused, because the process of the instance has this one.
        NEXTAUTH_SECRET: nextAuthSecret,
        LOG_LEVEL: 'fatal',
      },
    })
    const mine = child
    while (
      !(await fetch(`${url}/api/health/live`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (mine.exitCode !== null) throw new Error(`the web process ended with ${mine.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    // A process that shuts down in order may wait for an answer that nobody reads any more, so it is killed after a
    // while.
    const late = setTimeout(() => child.kill('SIGKILL'), 8_000)
    await once(child, 'exit')
    clearTimeout(late)
  }

  await start()
  return {
    url,
    /** Restarts the process. SIGKILL ends it in the middle of everything, and SIGTERM lets it shut down in order. */
    async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
      await end(signal)
      await start()
    },
    stop: () => end('SIGKILL'),
  }
}
