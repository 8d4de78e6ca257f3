import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { checkTime, timeFields } from './metrics-time'
import { cursor, direction, id, integer, isoDate, jobTypeName, limit, MAX_INTEGER, pageOf } from './scalars'
import { z } from './zod'

// What the API takes and answers about figures over a time: throughput, durations, failures.

export const metricsInput = z.strictObject({ organizationId: id.optional(), ...timeFields }).check(checkTime)
export const byTypeInput = z
  .strictObject({
    organizationId: id.optional(),
    ...timeFields,
    cursor: cursor.nullish(),
    limit: limit.optional(),
    direction,
  })
  .check(checkTime)

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

/**
 * The time that the figures cover. A list of jobs between these two moments has exactly the jobs that the figures
 * count.
 */
const measuredTime = {
  from: isoDate.describe('When the time that was measured begins.'),
  to: isoDate.describe('When it ends. Not part of it.'),
}

export const overview = z.object({
  ...measuredTime,
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
  submitted: count.describe('Jobs that were submitted in the time.'),
  completed: count.describe('Attempts that completed in it.'),
  failed: count.describe('Attempts that failed or timed out in it.'),
  throughputPerMinute: z.number().describe('Attempts that completed in a minute, on average over the time.'),
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
).extend(measuredTime)

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

const otherLimit = z.int().min(0).max(MAX_INTEGER).nullable().optional()
export const waitingInput = z
  .strictObject({
    organizationId: id.optional(),
    jobType: jobTypeName.optional().describe('Only jobs of this type.'),
    whatIf: z
      .strictObject({ global: otherLimit, perOrganization: otherLimit })
      .optional()
      .describe(
        'Other concurrency limits of that job type: the estimates are made as if it had them. Null is no limit; what is absent stays as it is.',
      ),
  })
  .refine(({ jobType, whatIf }) => whatIf === undefined || jobType !== undefined, {
    path: ['jobType'],
    error: 'must be given with whatIf: it says whose limits these are',
  })

const estimate = z
  .object({
    seconds: z.number().describe('From now until the last of them has run.'),
    limitedBy: z.object({
      of: z
        .enum(['slots', 'organization', 'jobType', 'jobTypeInOrganization', 'time'])
        .describe(
          'What decides: the slots of the workers, a concurrency limit, or the time that they are planned for.',
        ),
      jobType: z.string().nullable().describe('Whose limit it is.'),
      limit: integer.nullable().describe('That limit, or the slots.'),
    }),
  })
  .nullable()
  .describe(
    'Null where a person has to act, where the outcome of other jobs decides, and where no job of the type has run lately.',
  )
export const waiting = z.object({
  items: z
    .array(
      z.object({
        code: z.enum(WAITING_CODES),
        jobType: z.string().optional().describe('Where the reason lies in one job type.'),
        organizationId: z.string().optional().describe('Where it lies in one organization.'),
        target: z
          .string()
          .optional()
          .describe(
            'What it hangs on: the scope of a pause, whose limit it is, a queue, or the handler that is missing.',
          ),
        count,
        until: isoDate.optional().describe('When the first of them goes on by itself.'),
        message: z.string().describe('A sentence for people.'),
        estimate,
      }),
    )
    .describe('The one with most jobs first. At most 200; the smallest of more are taken together under their code.'),
  total: count.describe('The sum of the counts: every waiting job.'),
  byPriority: z
    .object({ LOW: count, NORMAL: count, HIGH: count, CRITICAL: count })
    .describe('The same jobs by priority.'),
  byJobType: z.record(z.string(), count).describe('The same jobs by job type. Types of which none waits are left out.'),
  estimate: estimate.describe('The longest of the estimates, without that of jobs that are planned for later.'),
})
