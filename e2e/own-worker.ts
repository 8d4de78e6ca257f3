import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildHandlers } from '../launcher/handlers.mjs'

/** Files of a folder of handlers, by name. */
type Files = Record<string, string>

/**
 * Starts a second worker beside that of the instance under test. It takes only these pools, and has handlers of its own.
 *
 * @returns a function that ends it in order, so that its slots do not count any more
 */
export async function startOwnWorker({ pools, files }: { pools: string; files: Files }): Promise<() => Promise<void>> {
  const runFile = process.env.E2E_RUN_FILE!
  // run.json lies in the folder .local/ of the clone that was built.
  const dist = path.join(path.dirname(path.dirname(runFile)), 'dist')
  const { databaseUrl, redisUrl } = JSON.parse(readFileSync(runFile, 'utf8')) as {
    databaseUrl: string
    redisUrl: string | null
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'journey-handlers-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
  const built = await buildHandlers(dist, { folder, home: path.join(folder, '.built'), silent: true })
  const worker = spawn(process.execPath, [path.join(dist, 'worker.mjs'), `--handlers=${built.folder}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl ?? '',
      STORAGE_DIR: path.join(folder, '.files'),
      WORKER_POOLS: pools,
      ISOLATED_SLOTS: '2',
      LOG_LEVEL: 'silent',
    },
  })
  const ended = once(worker, 'exit')
  return async () => {
    worker.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}
