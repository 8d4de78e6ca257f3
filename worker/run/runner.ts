import type { QueueName } from '@/server/engine'
import type { Meter } from '../dispatch/meter'
import { loadHandler } from '../catalog/catalog'
import type { HandlerSettings } from '../options'
import type { Attempt, HandlerEnd } from './attempt'
import { countRun } from './attempt-metrics'
import { runInline } from './inline'
import type { IsolatedPool } from './isolated/pool'
import { OwnTime } from './own-time'

interface RunnerOptions extends Pick<
  HandlerSettings,
  'databaseUrl' | 'projectRoot' | 'storage' | 'outside' | 'messages'
> {
  pool: IsolatedPool
  meter: Meter
  /**
   * Called when a handler does not stop. It runs in this thread and ignores its signal for longer than its grace, or
   * its own thread does not end. Only the end of the process stops such a handler.
   */
  onUnstoppable: (attempt: Attempt) => void
}

/**
 * Runs handlers where they belong, isolated ones in a thread and the others in this one, and measures how long they
 * take.
 */
export class HandlerRunner {
  private readonly ownTime = new OwnTime()

  constructor(private readonly options: RunnerOptions) {}

  /** Resolves when the handler has ended or its thread is gone. Never rejects because of what the handler does. */
  async run(queue: QueueName, attempt: Attempt): Promise<HandlerEnd> {
    const { pool, meter, databaseUrl, projectRoot, storage, outside, messages } = this.options
    const onUnstoppable = () => this.options.onUnstoppable(attempt)
    const started = performance.now()
    const ownTime = this.ownTime.begin()
    const end =
      queue === 'ISOLATED'
        ? await pool.run(attempt, onUnstoppable)
        : await runInline(attempt, {
            load: loadHandler,
            databaseUrl,
            projectRoot,
            storage,
            outside,
            messages,
            onUnstoppable,
          })
    const ms = performance.now() - started
    // A run that was stopped says nothing about how long a job of its type takes, but its slot was taken all the same. A
    // thread runs one job at a time, so there all of the time is the job's own.
    if (!attempt.stopped) meter.recordRun(queue, attempt.claimed.jobType, queue === 'ISOLATED' ? ms : ownTime())
    meter.recordSlotTime(attempt.claimed, ms)
    countRun(attempt.claimed, ms)
    return end
  }
}
