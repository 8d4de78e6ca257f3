import { existsSync } from 'node:fs'
import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { EngineError } from '../domain/errors'
import { tooLong } from '../domain/parameters'
import type { Checked } from '../domain/stored-parameters'
import type { Json } from '../domain/types'
import { usedSince, type Begun } from './processor-time'
import type { CheckTask } from './thread'
import { Turns } from './turns'

/** How long the processor may work for the check of one job's parameters. */
const DEADLINE_MS = 200
/**
 * Milliseconds from that deadline until the thread is ended. A thread may not look at its clock, for instance inside of
 * a pattern.
 */
const GRACE_MS = 25
/** How long a check may last by the clock. A busy machine works for it only now and then, and it may also hang. */
const WALL_MS = 2_000
/** How long a thread may take to start. */
const START_MS = 20_000
/** The shortest time between two looks at a check that runs. */
const LOOK_AGAIN_MS = 10
/** How many threads of a process check at once. */
const THREADS = 2
/** How many checks of one organization may wait for a thread: some 6 s of the hardest ones. */
const MOST_WAITING = 64

const turns = new Turns({ atOnce: THREADS, mostWaiting: MOST_WAITING })
let threads: Piscina<CheckTask, Checked> | undefined

/**
 * Checks parameters in a thread of its own, where a hard check holds up nobody: other organizations have their turn
 * in between, and a check that has worked for 200 ms is given up. The thread gives it up by itself. Where it does not
 * come to that within 25 ms, it is ended and replaced.
 *
 * @throws EngineError UNAVAILABLE where the machine was too busy to give the check its 200 ms, RATE_LIMITED where too
 *   many checks of the organization wait
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
    // As in worker/run/isolated/pool.ts: with Atomics, a thread that waits for its next task is blocked.
    atomics: 'disabled',
  })
  const { port1, port2 } = new MessageChannel()
  const watch = new Watch()
  port1.once('message', (begun: Begun) => watch.begin(begun))
  try {
    return await threads.run(
      { schema, parameters, port: port2, deadlineMs: DEADLINE_MS },
      { transferList: [port2], signal: watch.signal },
    )
  } catch (error) {
    // With a problem the parameters are refused, and nobody reads what is masked.
    if (watch.ended === 'worked too long') return { problems: [tooLong()], masked: { parameters, places: [] } }
    if (watch.ended === 'lasted too long') throw new EngineError('UNAVAILABLE', BUSY)
    throw error
  } finally {
    watch.stop()
    port1.close()
  }
}

const BUSY =
  'The server is too busy just now to check the parameters against the schema of the job type. Nothing is wrong with them so far: try again in a moment.'

/** Ends a check that works or lasts too long. */
class Watch {
  ended: 'worked too long' | 'lasted too long' | undefined
  private readonly late = new AbortController()
  private timer = setTimeout(() => this.end('lasted too long'), START_MS)

  get signal(): AbortSignal {
    return this.late.signal
  }

  begin(begun: Begun): void {
    clearTimeout(this.timer)
    this.lookIn(DEADLINE_MS + GRACE_MS, begun, performance.now())
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  /**
   * Ends what is late by then, and looks again later at what is not. An answer may lie here unread when this thread
   * was busy itself; it is read first, since whoever has answered works no more.
   */
  private lookIn(ms: number, begun: Begun, from: number): void {
    this.timer = setTimeout(() => {
      const left = DEADLINE_MS + GRACE_MS - usedSince(begun, from)
      if (left <= 0) this.end('worked too long')
      else if (performance.now() - from >= WALL_MS) this.end('lasted too long')
      else this.lookIn(Math.max(left, LOOK_AGAIN_MS), begun, from)
    }, ms)
  }

  private end(why: 'worked too long' | 'lasted too long'): void {
    this.ended = why
    this.late.abort()
  }
}

/** Beside the bundle that runs, or the source where nothing is bundled. */
function threadFile(): { filename: string } {
  const bundled = path.join(path.dirname(process.argv[1] ?? '.'), 'check.cjs')
  return { filename: existsSync(bundled) ? bundled : path.resolve('server/engine/checking/thread.source.cjs') }
}
