import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { webFlags } from '@/launcher/children.mjs'
import { freePort } from '@/launcher/ports.mjs'
import { until } from '@/launcher/processes.mjs'
import { peakMemoryMiB } from './one-job'

/** Starts one web process as in production, from the built clone in `clone`. */
export async function startWebProcess({ databaseUrl, clone }: { databaseUrl: string; clone: string }) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const web = spawn(process.execPath, [...webFlags, path.join(clone, 'dist/web.mjs')], {
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
      NEXTAUTH_SECRET: 'a-web-process-of-the-bench-0123456789',
      LOG_LEVEL: 'warn',
    },
  })
  const answers = () =>
    fetch(`${url}/api/health/live`).then(
      ({ ok }) => ok,
      () => false,
    )
  if (!(await until(answers, 60_000, 100))) throw new Error('the web process does not come up')
  return {
    url,
    /** Resident memory in MiB. */
    memory: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(web.pid)], { encoding: 'utf8' })) / 1024,
    /** The most that it has had, in MiB. */
    peakMemory: () => peakMemoryMiB(web.pid!),
    async stop() {
      web.kill('SIGKILL')
      await once(web, 'exit')
    },
  }
}
