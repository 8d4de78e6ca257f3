import { setTimeout as sleep } from 'node:timers/promises'
import { handedBack, type Outcome } from '@/server/engine'
import type { WorkerParts } from './parts'
import type { Attempt } from './run/attempt'

/** What the worker logs then. The audit of a chaos campaign looks for it. */
export const GIVES_UP = 'a handler does not stop, and cannot be stopped; the worker restarts'
/** How long each step of the exit may take: taking nothing new, the end of the other jobs, the end of the threads. */
const STEP_MS = 1_000
/** How long the last outcomes have to be written. */
const REPORT_MS = 5_000

/**
 * Ends the process because of one attempt that nothing else can end: its handler runs in our own thread and ignores
 * its signal, or its thread sits in a call outside of JavaScript. The worker takes nothing new, hands its other jobs
 * back, writes the outcome of this attempt last, and exits. Its supervisor starts it again.
 */
export async function leave(parts: WorkerParts, unstoppable: Attempt, exit: () => void): Promise<void> {
  const { dispatcher, consumer, outcomes, pool, leases, logger } = parts
  logger.error({ jobId: unstoppable.claimed.jobId, handler: unstoppable.claimed.handler }, GIVES_UP)
  leases.draining = true
  await atMost(STEP_MS, Promise.all([dispatcher.stop(), consumer.pause()]))
  leases.stopAll('drain')
  await atMost(STEP_MS, consumer.idle())
  const last = leases.attempts.filter((attempt) => attempt.stopped !== 'lost' && !attempt.hasEnded)
  await atMost(STEP_MS, pool.close())
  await atMost(REPORT_MS, Promise.all(last.map((attempt) => outcomes.write(lastOutcome(attempt)))))
  exit()
}

/** What to report for an attempt that will never end by itself. */
function lastOutcome(attempt: Attempt): Outcome {
  if (attempt.stopped === 'timeout') return attempt.outcome({ ok: false, failure: UNUSED_FAILURE })
  return handedBack(attempt.claimed, 'Its worker had to restart')
}

/** Only to call `outcome`: for a timeout it writes a failure of its own. */
const UNUSED_FAILURE = {
  message: '',
  class: 'TRANSIENT',
  fingerprint: '',
  stack: null,
  retryAfterSeconds: null,
} as const

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms)])
}
