import { EngineError } from '@/server/engine'
import { CallerTurns } from '../caller-turns'

/**
 * Milliseconds that a body waits for its turn, unread. It is longer than it takes to notice that a connection is gone
 * (server/api/body.ts), so that whoever comes back over a new one gets in.
 */
const PATIENCE_MS = 30_000

/** Takes the bodies of uploads: one at a time of each caller. The next ones wait. */
export const createUploadTurns = (patienceMs = PATIENCE_MS): CallerTurns =>
  new CallerTurns({ atOnce: 1, mostWaiting: 4, patienceMs, refusal: busy })

const busy = (): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    'You may upload one file at a time, and another one is still on its way. Send the next one after its answer.',
    { retryAfterSeconds: 5 },
  )
