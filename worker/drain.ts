import { setTimeout as sleep } from 'node:timers/promises'
import { retireWorker } from '@/server/engine'
import type { WorkerParts } from './parts'

/** How long jobs that got their signal have to end: their grace of 2 s (run/stop.ts), and the end of their threads. */
const AFTER_SIGNAL_MS = 3_000
/** How long a drain waits for the consumer and for the threads to close, once nothing runs any more. */
const CLOSE_MS = 1_000
/** How long the outcomes of terminated threads have to be written. */
const LAST_OUTCOMES_MS = 1_000

/**
 * Ends a worker in order: it takes nothing new, lets its jobs run for `seconds`, signals those that remain, hands
 * them back, ends its threads, and closes its connections. Until the threads are ended, no step waits without a limit,
 * because a store may be away.
 */
export async function drain(parts: WorkerParts, seconds: number): Promise<void> {
  const { id, connections, carrier, dispatcher, consumer, pool, leases, maintenance, signals, store, logger } = parts
  leases.draining = true
  store.stop()
  // Stopping takes longer while a store is away; that time is not added to the time that running jobs have.
  const stopped = Promise.all([dispatcher.stop(), consumer.pause(), maintenance.stop(), signals.stop()])
  const idle = stopped.then(() => consumer.idle())
  await atMost(seconds * 1000, idle)
  leases.stopAll('drain')
  await atMost(AFTER_SIGNAL_MS, consumer.idle())
  const closed = stopped.then(() => consumer.close())
  await atMost(CLOSE_MS, closed)
  // Jobs whose claim was answered meanwhile get their signal, too. Without it, the end of their threads would count as
  // their failure.
  leases.stopAll('drain')
  await atMost(CLOSE_MS, pool.close())
  await atMost(LAST_OUTCOMES_MS, consumer.idle())
  leases.stop()
  await retireWorker(connections.db, id).catch(() => undefined)
  await carrier.close()
  await Promise.all([connections.db.$disconnect(), connections.hotDb.$disconnect(), connections.leaseDb.$disconnect()])
  logger.info('worker stopped')
}

/** Waits for `work`, but no longer than `ms`; the timer alone does not keep the process alive. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms, undefined, { ref: false })])
}
