import { id, isoDate, range } from './scalars'
import { z } from './zod'

export const metricsInput = z.strictObject({ organizationId: id.optional(), range })

const count = z.number()
/** Seconds; null where nothing was measured. */
const seconds = z.number().nullable()
const spread = z.object({ avg: seconds, p50: seconds, p95: seconds, p99: seconds })

export const overview = z.object({
  /** Jobs in each status, now. */
  counts: z.object({
    PENDING: count,
    QUEUED: count,
    RUNNING: count,
    COMPLETED: count,
    FAILED: count,
    TIMED_OUT: count,
    CANCELED: count,
    DEAD_LETTER: count,
  }),
  /** Jobs that could run now and wait for a worker, by priority. */
  queueDepth: z.object({ LOW: count, NORMAL: count, HIGH: count, CRITICAL: count }),
  oldestWaitingSeconds: seconds,
  throughputPerMinute: z.number(),
  /** 0 to 1; null where no attempt ended. */
  failureRate: z.number().nullable(),
  wait: spread,
  run: spread,
})

export const timeseries = z.object({
  bucketSeconds: z.number(),
  points: z.array(
    z.object({
      at: isoDate,
      submitted: count,
      completed: count,
      failed: count,
      waitP50: seconds,
      waitP95: seconds,
      runP50: seconds,
      runP95: seconds,
    }),
  ),
})
