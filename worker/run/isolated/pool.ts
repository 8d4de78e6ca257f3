import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { EngineError, sqlState } from '@/server/engine'
import { classifyFailure } from '@/server/engine/domain/failure'
import { redactor } from '@/server/engine/domain/redact'
import { ownFolder } from '../../catalog/catalog'
import type { Attempt, HandlerEnd } from '../attempt'
import type { HandlerSettings } from '../../options'
import { traceCall } from '../outgoing-calls'
import { GRACE_MS } from '../stop'
import type { FromThread, ThreadTask, ToThread, WireError } from './protocol'

/**
 * Milliseconds. A thread that was told to end and is still alive after this time is stuck in a call outside of
 * JavaScript, which nothing can interrupt.
 */
const STUCK_MS = 3_000
/** Milliseconds within which a thread's word that its handler has begun is heard here, on a busy process too. */
const HEARD_MS = 100

/**
 * Threads for isolated handlers. The package piscina ends the thread of an aborted task, also one in `while (true) {}`,
 * and starts another.
 */
export class IsolatedPool {
  private readonly pool: Piscina<ThreadTask, HandlerEnd>

  constructor(
    private readonly options: HandlerSettings & {
      threads: number
      /** The file that each thread runs. */
      filename: string
      execArgv?: string[]
    },
  ) {
    this.pool = new Piscina({
      filename: options.filename,
      minThreads: 1,
      maxThreads: options.threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: 60_000,
      // With Atomics, a thread that waits for its next task is blocked. A connection that a handler has not closed yet
      // would then stay open.
      atomics: 'disabled',
      execArgv: options.execArgv,
    })
  }

  /** How many threads exist now. */
  get threads(): number {
    return this.pool.threads.length
  }

  /**
   * Runs an attempt in a thread. Resolves when its handler has ended or its thread is gone.
   *
   * @param onStuck called when the thread was told to end and does not. Only the end of the process can end it
   */
  async run(attempt: Attempt, onStuck: () => void): Promise<HandlerEnd> {
    const { port1, port2 } = new MessageChannel()
    const terminate = new AbortController()
    // The thread holds the other end of this channel. That end closes when the thread is gone, and then this end
    // closes, too.
    const gone = once(port1, 'close')
    let grace: NodeJS.Timeout | undefined
    const post = (message: ToThread) => port1.postMessage(message)
    let begun = false
    port1.on('message', (message: FromThread) => {
      if (message.type === 'begun') begun = true
      void receive(attempt, message, post)
    })
    attempt.whenStopped((kind) => {
      post({ type: 'stop', kind })
      clearTimeout(grace)
      const end = () => terminate.abort()
      const endUnlessBegun = () => {
        if (begun) grace = setTimeout(end, GRACE_MS[kind] - HEARD_MS)
        else end()
      }
      // A thread that still loads its handler hears nothing, and nothing of a canceled job has begun there.
      grace = kind === 'cancel' && !begun ? setTimeout(endUnlessBegun, HEARD_MS) : setTimeout(end, GRACE_MS[kind])
    })
    const { messages } = this.options
    const task: ThreadTask = {
      claimed: attempt.claimed,
      port: port2,
      databaseUrl: this.options.databaseUrl,
      storage: this.options.storage,
      projectRoot: this.options.projectRoot,
      outside: this.options.outside,
      messages: messages && { allow: messages.allow, dashboard: messages.dashboard },
      handlersFolder: ownFolder(),
      traceParent: attempt.traceParent,
    }
    try {
      return await this.pool.run(task, { transferList: [port2], signal: terminate.signal })
    } catch (error) {
      // The thread is gone or about to go. It was terminated when its grace was over, ran out of memory, or was ended
      // by its handler.
      port2.close() // The task may never have got to a thread. Then nobody else closes this end.
      const stuck = setTimeout(onStuck, STUCK_MS)
      await gone
      clearTimeout(stuck)
      return {
        ok: false,
        failure: classifyFailure(error, {
          projectRoot: this.options.projectRoot,
          redact: redactor(attempt.claimed.sensitive),
        }),
      }
    } finally {
      clearTimeout(grace)
      port1.close()
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy()
  }
}

async function receive(attempt: Attempt, message: FromThread, post: (message: ToThread) => void): Promise<void> {
  switch (message.type) {
    case 'begun':
      return
    case 'progress':
      return attempt.progress(message.percent, message.message)
    case 'log':
      return attempt.log(message.level, message.message)
    case 'console':
      return attempt.logInWorker(message.level, message.message)
    case 'called':
      return traceCall(message.call, redactor(attempt.claimed.sensitive))
    case 'artifact':
      return attempt.keepArtifact(message.file)
    case 'flush':
      return post({ type: 'answer', call: message.call })
    case 'submit':
      return answer(message.call, post, async () => (await attempt.submit(message.child, message.index)).id)
    case 'attemptToken':
      return answer(message.call, post, () => attempt.attemptToken())
  }
}

async function answer(call: number, post: (message: ToThread) => void, work: () => Promise<string>): Promise<void> {
  try {
    post({ type: 'answer', call, value: await work() })
  } catch (error) {
    post({ type: 'answer', call, error: toWire(error) })
  }
}

/**
 * An error in the form in which it is sent to the thread. It keeps the reason, by which a handler may decide, and the
 * code, which says whether another try would help.
 */
function toWire(error: unknown): WireError {
  if (error instanceof EngineError)
    return { name: error.name, message: error.message, refusal: { reason: error.reason, data: error.data } }
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { name, message, code: sqlState(error) ?? (error as { code?: string } | null)?.code }
}
