import { execFileSync } from 'node:child_process'
import { startBuiltWebProcess } from '@/testing/built-web-process'
import { peakMemoryMiB } from './one-job'

/** Starts one web process as in production, from the built clone in `clone`, and tells how much memory it takes. */
export async function startWebProcess({ databaseUrl, clone }: { databaseUrl: string; clone: string }) {
  const web = await startBuiltWebProcess({ clone, databaseUrl, secret: 'a-web-process-of-the-bench-0123456789' })
  const { child } = web.process()
  child.stderr?.pipe(process.stderr)
  return {
    url: web.url,
    /** Resident memory in MiB. */
    memory: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024,
    /** The most that it has had, in MiB. */
    peakMemory: () => peakMemoryMiB(child.pid!),
    stop: web.stop,
  }
}
