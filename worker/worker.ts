import { v7 as uuidv7 } from 'uuid'
import { countProcess } from '@/server/telemetry/metrics/process'
import { drain } from './drain'
import { followDefaults } from './follow-defaults'
import { joinInstallation } from './join'
import { leave } from './leave'
import type { WorkerOptions } from './options'
import { assemble, type WorkerParts } from './parts'
import { beginCounting, showSlots } from './run/attempt-metrics'
import { IsolatedPool } from './run/isolated/pool'

export interface RunningWorker {
  readonly id: string
  /**
   * Stops the worker. It takes no new jobs from now on. Running jobs may go on for `seconds`; then they get their
   * signal, and are handed back (PENDING). Resolves when nothing of the worker runs or is connected any more.
   */
  drain(seconds: number): Promise<void>
}

/** Starts everything that a worker process does; it keeps running through outages of its stores. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { slots, crew, logger } = options
  const id = uuidv7()
  // The first thread takes a while to load. Begun first, it is there when the worker says that it takes jobs.
  const pool = new IsolatedPool({
    threads: slots.ISOLATED,
    filename: options.threadFile,
    databaseUrl: options.databaseUrl,
    storage: options.storage,
    projectRoot: options.projectRoot,
    outside: options.outside,
    messages: options.messages,
  })
  const namespace = await joinInstallation(options, id)
  let leaving = false
  const parts: WorkerParts = assemble(options, {
    id,
    namespace,
    pool,
    onUnstoppable(attempt) {
      if (leaving) return
      leaving = true
      void leave(parts, attempt, options.exit)
    },
  })
  if (options.countMetrics) {
    beginCounting()
    showSlots(slots, (queue) => parts.consumer.runningIn(queue))
    countProcess(() => parts.leases.databaseIsUp)
  }
  parts.store.start()
  parts.leases.start()
  parts.signals.start()
  parts.dispatcher.start()
  parts.consumer.start()
  parts.maintenance.start()
  const stopFollowing = followDefaults(options.connections.db, id, logger)
  logger.info(
    { workerId: id, backend: parts.carrier.backend, slots, pools: crew.pools ?? 'all', crew: crew.name },
    'worker started',
  )
  return {
    id,
    drain(seconds) {
      stopFollowing()
      return drain(parts, seconds)
    },
  }
}
