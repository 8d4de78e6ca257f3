import type { QueueName } from '@/server/engine'
import type { Meter } from '../dispatch/meter'
import { loadHandler } from '../catalog/catalog'
import type { HandlerSettings } from '../options'
import type { Attempt, HandlerEnd } from './attempt'
import { countRun } from './attempt-metrics'
import { runInline } from './inline'
import type { IsolatedPool } from './isolated/pool'

interface RunnerOptions extends Pick<HandlerSettings, 'databaseUrl' | 'projectRoot' | 'storage' | 'outside'> {
  pool: IsolatedPool
  meter: Meter
  /** A handler in this thread ignores its signal past its grace, or a thread does not end: the process has to go. */
  onDeaf: (attempt: Attempt) => void
}

/** Runs handlers where they belong, isolated ones in a thread and the others in this one, and measures how long they take. */
export class HandlerRunner {
  constructor(private readonly options: RunnerOptions) {}

  /** Resolves when the handler has ended or its thread is gone. Never rejects because of what the handler does. */
  async run(queue: QueueName, attempt: Attempt): Promise<HandlerEnd> {
    const { pool, meter, databaseUrl, projectRoot, storage, outside } = this.options
    const onDeaf = () => this.options.onDeaf(attempt)
    const started = performance.now()
    const end =
      queue === 'ISOLATED'
        ? await pool.run(attempt, onDeaf)
        : await runInline(attempt, { load: loadHandler, databaseUrl, projectRoot, storage, outside, onDeaf })
    const ms = performance.now() - started
    // A run that was stopped says nothing about how long a job of its type takes, but its slot was taken all the same.
    if (!attempt.stopped) meter.ran(queue, attempt.claimed.jobType, ms)
    meter.held(attempt.claimed, ms)
    countRun(attempt.claimed, ms)
    return end
  }
}
