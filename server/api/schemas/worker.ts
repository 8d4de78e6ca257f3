import { JobQueue, LogLevel } from '@/server/generated/prisma/enums'
import { actor, cursor, direction, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about workers, the processes that run jobs.

export const workersInput = z.strictObject({
  organizationId: id
    .optional()
    .describe('Only jobs of this organization. Absent means everything that the caller may see.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})

const perQueue = z.object({ isolated: integer, inline: integer })

export const runningJob = z
  .object({
    jobId: wireId,
    organizationId: wireId,
    jobType: z.string(),
    title: z.string(),
    workerId: wireId.nullable(),
    attempt: integer,
    queue: z.enum(JobQueue),
    submittedBy: actor,
    cancelRequestedAt: isoDate.nullable(),
    progress: integer,
    progressMessage: z.string().nullable(),
    startedAt: isoDate,
    elapsedSeconds: z.number().describe('How long the attempt has run.'),
    p95Seconds: z
      .number()
      .nullable()
      .describe(
        '95 of 100 runs of its job type in its organization took at most so long in the last week. Null where fewer than five are known.',
      ),
    lastProgressAt: isoDate.nullable().describe('Null where this attempt has reported no progress.'),
    lastLog: z
      .object({ at: isoDate, level: z.enum(LogLevel), message: z.string() })
      .nullable()
      .describe('The last line that this attempt has logged, cut to 300 characters.'),
    stuck: z
      .object({
        reason: z.enum(['OVER_USUAL', 'SILENT']),
        quietSeconds: z.number().describe('How long ago the attempt last reported or logged something, or else began.'),
      })
      .nullable()
      .describe(
        'Null where it does not look stuck. OVER_USUAL: it runs for over three times the p95 and is quiet. SILENT: it has reported nothing for minutes.',
      ),
  })
  .meta({ id: 'RunningJob' })

export const worker = z.object({
  id: wireId,
  host: z.string().nullable().describe('Only for SYSTEM_ADMIN, like pid and memory. Null for everybody else.'),
  pid: integer.nullable(),
  memory: z
    .object({ rssBytes: integer, heapBytes: integer })
    .nullable()
    .describe('As the last heartbeat of the worker said, at most about 5 s ago.'),
  version: z.string().nullable().describe('Of the package.'),
  commit: z.string().nullable().describe('The commit that it was started from. Null where it is not known.'),
  handlerProblems: z
    .array(z.object({ file: z.string(), message: z.string() }))
    .nullable()
    .describe(
      'Files of your own handlers that the worker could not load, each with what to do about it. Only for SYSTEM_ADMIN.',
    ),
  state: z
    .enum(['ALIVE', 'DRAINING', 'STOPPED', 'LOST'])
    .describe('LOST means that the worker was not seen for 15 s and has not stopped in good order.'),
  startedAt: isoDate,
  lastSeenAt: isoDate,
  drainingAt: isoDate.nullable(),
  drainsUntil: isoDate.nullable().describe('When what still runs is handed back.'),
  drainedBy: actor.nullable().describe('Null where the process was told to stop.'),
  drainReason: z.string().nullable(),
  stoppedAt: isoDate.nullable(),
  pools: z.array(z.string()).nullable().describe('The worker pools whose jobs it takes. Null: every pool.'),
  handlers: z
    .array(z.string())
    .nullable()
    .describe(
      'The keys of the handlers that the worker has. It gets only jobs of these. Null where it has not reported them.',
    ),
  slots: perQueue.describe(
    'How many jobs the worker can run at once: in threads of their own, and in its main thread.',
  ),
  busy: perQueue.describe('How many of its slots are taken, by jobs of whatever organization.'),
  counts: perQueue.describe('How many jobs it runs now. Only jobs that the caller may see are counted.'),
  /** The jobs that have run longest, at most 50. */
  running: z.array(runningJob),
})
export type WireWorker = z.output<typeof worker>
export const workerPage = pageOf(worker).extend({
  gone: integer.describe('How many workers stopped or were lost within the last hour, on all pages.'),
})

export const drainInput = z.strictObject({ workerId: id, reason: reason.optional() })

const scoped = { organizationId: id.optional() }
export const fleetInput = z.strictObject(scoped)
export const fleet = z.object({
  workers: z.object({ alive: integer, draining: integer }),
  slots: perQueue.describe('Of the workers that take work.'),
  busy: perQueue.describe('How many slots are taken, by jobs of whatever organization.'),
  jobsPerMinute: z.number().describe('Jobs that completed in a minute, on average over the last five.'),
  longestRun: runningJob.nullable(),
  pools: z
    .array(
      z.object({
        pool: z.string(),
        workers: z.object({ alive: integer, draining: integer }),
        slots: perQueue.describe('Of its workers that take work.'),
        busy: perQueue.describe('How many slots of its workers are taken, by jobs of whatever organization and pool.'),
        waiting: integer.describe('Jobs that could run now and wait for a slot. Only those that the caller may see.'),
      }),
    )
    .describe(
      'Each worker pool that a job type names or a worker takes. A worker that takes several counts in each of them.',
    ),
})

export const stuckInput = z.strictObject({
  ...scoped,
  jobId: id.optional().describe('Only this job.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const stuckPage = pageOf(runningJob)
