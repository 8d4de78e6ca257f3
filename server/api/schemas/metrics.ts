import { cursor, id, integer, isoDate, limit, pageOf, range } from './scalars'
import { z } from './zod'

export const metricsInput = z.strictObject({ organizationId: id.optional(), range })
export const byTypeInput = z.strictObject({
  organizationId: id.optional(),
  range,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})

const count = integer
const seconds = z.number().nullable().describe('Seconds. Null where nothing was measured.')
const spread = z
  .object({ avg: seconds, p50: seconds, p95: seconds, p99: seconds })
  .meta({ id: 'Spread', description: 'Average and percentiles, in seconds.' })
const wait = spread.describe('The time from when a job could start to when it did.')
const run = spread.describe('The time from when an attempt started to when its handler ended.')
const failureRate = z
  .number()
  .nullable()
  .describe(
    '0 to 1: the share of failures among attempts that ended by themselves or by timeout. Null where there were none.',
  )

export const overview = z.object({
  counts: z
    .object({
      PENDING: count,
      QUEUED: count,
      RUNNING: count,
      COMPLETED: count,
      FAILED: count,
      TIMED_OUT: count,
      CANCELED: count,
      DEAD_LETTER: count,
    })
    .describe('How many jobs are in each status now.'),
  queueDepth: z
    .object({ LOW: count, NORMAL: count, HIGH: count, CRITICAL: count })
    .describe('Jobs that could run now and wait for a worker, by priority.'),
  oldestWaitingSeconds: z
    .number()
    .nullable()
    .describe('How long the oldest of them has waited. Null where none waits.'),
  throughputPerMinute: z.number().describe('Attempts that completed in a minute, on average over the range.'),
  failureRate,
  wait,
  run,
})

export const typeMetricsPage = pageOf(
  z.object({
    jobType: z.string(),
    submitted: count,
    completed: count.describe('Attempts that completed.'),
    failed: count.describe('Attempts that failed or timed out.'),
    failureRate,
    waiting: count.describe('Jobs of it that could run now and wait for a worker.'),
    running: count.describe('Jobs of it that run now.'),
    wait,
    run,
  }),
)

export const timeseries = z.object({
  bucketSeconds: integer,
  points: z.array(
    z.object({
      at: isoDate.describe('When the bucket begins.'),
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
