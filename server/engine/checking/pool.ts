import { existsSync } from 'node:fs'
import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { tooLong } from '../domain/parameters'
import type { Checked } from '../domain/stored-parameters'
import type { Json } from '../domain/types'
import type { CheckTask } from './thread'
import { Turns } from './turns'

/** Milliseconds that the check of one job's parameters may take. */
const DEADLINE_MS = 200
/**
 * Milliseconds from that deadline until the thread is ended. A thread may not look at its clock, for instance inside of
 * a pattern.
 */
const GRACE_MS = 25
/** Milliseconds that a thread may take to start. */
const START_MS = 20_000
const THREADS = 2

const turns = new Turns(THREADS)
let threads: Piscina<CheckTask, Checked> | undefined

/**
 * Checks parameters in a thread, where a long check holds up nobody. Organizations take turns. A check that is not done
 * after 200 ms is given up, and its thread is ended and replaced.
 */
export function checkElsewhere(organizationId: string, schema: Json, parameters: Json): Promise<Checked> {
  return turns.run(organizationId, () => checkInThread(schema, parameters))
}

async function checkInThread(schema: Json, parameters: Json): Promise<Checked> {
  threads ??= new Piscina({
    ...threadFile(),
    minThreads: 0,
    maxThreads: THREADS,
    concurrentTasksPerWorker: 1,
    idleTimeout: 60_000,
    atomics: 'disabled',
  })
  const { port1, port2 } = new MessageChannel()
  const late = new AbortController()
  let begun = false
  let timer = setTimeout(() => late.abort(), START_MS)
  port1.once('message', () => {
    begun = true
    clearTimeout(timer)
    timer = setTimeout(() => late.abort(), DEADLINE_MS + GRACE_MS)
  })
  try {
    return await threads.run(
      { schema, parameters, port: port2, deadlineMs: DEADLINE_MS },
      { transferList: [port2], signal: late.signal },
    )
  } catch (error) {
    if (late.signal.aborted && begun) return { problems: [tooLong()], masked: { parameters, places: [] } }
    throw error
  } finally {
    clearTimeout(timer)
    port1.close()
  }
}

/** The thread's file lies beside the bundle that runs, or beside the source where nothing is bundled. */
function threadFile(): { filename: string } {
  const bundled = path.join(path.dirname(process.argv[1] ?? '.'), 'check.mjs')
  return { filename: existsSync(bundled) ? bundled : path.resolve('server/engine/checking/thread.source.mjs') }
}
