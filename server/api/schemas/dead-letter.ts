import { checkTime, timeFields } from './metrics-time'
import { ErrorClass } from '@/server/generated/prisma/enums'
import {
  actor,
  cursor,
  direction,
  id,
  instant,
  integer,
  isoDate,
  jobTypeName,
  limit,
  pageOf,
  reason,
  wireId,
} from './scalars'
import { z } from './zod'

// What the API takes and answers about dead letters, that is jobs that will not be tried again, grouped by what they
// died of.

const errorFingerprint = z.string().min(1).max(100)

export const deadLetterGroupsInput = z.strictObject({
  organizationId: id.optional(),
  jobType: jobTypeName.optional(),
  errorFingerprint: errorFingerprint.optional(),
  sort: z.enum(['lastSeen', 'count']).optional().describe('What comes first. Absent means `lastSeen`.'),
  bucket: z
    .enum(['day', 'hour'])
    .optional()
    .describe('How the trend is cut: 14 days, or 24 hours. Absent means 14 days.'),
  by: z
    .enum(['type', 'cause'])
    .optional()
    .describe('`type`: one item for each job type. `cause`: one item for all job types together. Absent means `type`.'),
  ignored: z
    .union([z.boolean(), z.literal('only')])
    .optional()
    .describe(
      'true: also groups that are ignored now (`deadLetters.ignore`). `only`: just these, with the job types for which they are ignored.',
    ),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})

const trend = z.object({ bucketSeconds: integer, points: z.array(z.object({ at: isoDate, count: integer })) })
const pattern = z.string().describe('The newest message, with placeholders such as ‹id› and ‹host› for what varies.')
const newSince = isoDate
  .nullable()
  .describe('When an attempt first failed of this cause. Null where that was more than 24 h ago.')

const deadLetterGroup = z.object({
  organizationId: wireId,
  jobType: z.string().describe('The type of the job that died last.'),
  jobTypes: z
    .array(z.object({ jobType: z.string(), count: integer, ignored: z.boolean() }))
    .describe('The job types of the dead letters, the most frequent first. It is one type, unless `by` is `cause`.'),
  errorFingerprint: z
    .string()
    .describe(
      'Names the fault that the jobs died of. It is the same for the same fault, whatever ids or numbers its messages hold. `jobs.list` takes it as a filter.',
    ),
  pattern,
  errorMessage: z.string().describe('The message of the job that died last.'),
  errorClass: z
    .enum(ErrorClass)
    .describe('`TRANSIENT` faults may pass, so their jobs were tried again. `PERMANENT` ones will not.'),
  count: integer.describe('Jobs that are in DEAD_LETTER now because of this cause.'),
  firstSeenAt: isoDate.describe('When the oldest of the jobs that are still there died.'),
  lastSeenAt: isoDate.describe('When the newest of them died.'),
  newSince,
  trend: trend.describe(
    'How many died in each of the last 14 days or 24 hours, in UTC. The oldest comes first, none is missing, and the last is not over yet.',
  ),
  sample: z.object({ jobId: wireId, message: z.string(), at: isoDate }).describe('The job that died last.'),
  lastAction: z
    .object({
      action: z.enum(['RETRY', 'DELETE']),
      by: actor,
      at: isoDate,
      reason: z.string().nullable(),
      jobs: integer.describe('How many dead letters were retried or deleted.'),
      followed: integer.describe('How many of the retried jobs the next two figures look at: the first 200.'),
      completed: integer.describe('How many of these have completed since.'),
      deadAgain: integer.describe('How many of these are in DEAD_LETTER again.'),
    })
    .nullable()
    .describe('The last retry or deletion of dead letters of this fault, within 30 days. Null where there was none.'),
  ignored: z
    .object({
      until: isoDate.nullable().describe('When it is shown again. Null: at no time.'),
      perHour: integer
        .nullable()
        .describe('It is shown again when more than this many jobs die of it within an hour. Null: however many do.'),
      by: actor,
      reason: z.string(),
      at: isoDate,
    })
    .nullable()
    .describe('What ignores it for all these job types; null where it is not ignored for one of them.'),
})
export const deadLetterGroupPage = pageOf(deadLetterGroup)

export const deadLetterFiguresInput = z.strictObject({ organizationId: id.optional() })
export const deadLetterFigures = z.object({
  dead: integer.describe('Jobs in DEAD_LETTER.'),
  newCauses24h: integer.describe(
    'How many groups of `deadLetters.groups` (one for each job type and fault) have a `newSince`.',
  ),
  oldestAt: isoDate.nullable().describe('When the one died that has been there for longest.'),
})

const cause = { organizationId: id, jobType: jobTypeName, errorFingerprint }
export const causeInput = z.strictObject(cause)
export const parametersInCommonOutput = z.object({
  items: z.array(
    z.object({
      path: z
        .string()
        .describe(
          'Where the value stands, as `args` of a filter takes it: a name with a dot stands in quotation marks.',
        ),
      value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      count: integer.describe('How many of the compared dead letters have this value.'),
      of: integer.describe('How many dead letters were compared: the newest 200.'),
      others: z
        .object({ count: integer, of: integer })
        .describe('The same two figures for the newest 200 other jobs of the type.'),
    }),
  ),
})

export const ignoreInput = z
  .strictObject({
    ...cause,
    until: instant.optional().describe('When the group is shown again.'),
    perHour: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('The group is shown again when more than this many jobs die of it within an hour.'),
    reason,
  })
  .refine(({ until, perHour }) => until !== undefined || perHour !== undefined, {
    path: ['until'],
    error: 'must be given, or perHour',
  })
export const unignoreInput = z.strictObject({ ...cause, reason: reason.optional() })
export const ignoredOutput = z.object({ ignored: z.boolean().describe('Whether the group is ignored now.') })

export const failingInput = z
  .strictObject({
    organizationId: id.optional(),
    ...timeFields,
    ignored: z.boolean().optional().describe('true: also causes that are ignored now (`deadLetters.ignore`).'),
    cursor: cursor.nullish(),
    limit: limit.optional(),
    direction,
  })
  .check(checkTime)
export const failingPage = pageOf(
  z.object({
    organizationId: wireId,
    jobType: z.string(),
    errorFingerprint: z.string(),
    pattern,
    errorMessage: z.string().describe('The message of the newest failure.'),
    errorClass: z.enum(ErrorClass),
    count: integer.describe(
      'How many attempts failed or timed out of this cause in the time that was asked for. Where jobs died without an attempt, how many jobs did.',
    ),
    counted: z
      .enum(['attempts', 'jobs'])
      .describe('What `count` counts. `jobs.list` finds the jobs of the attempts by `failedAfter` and `failedBefore`.'),
    trend: trend.describe(
      'The time that was asked for in equal buckets, oldest first, none missing. They add up to `count`. A `range` has 12 to 30 of them, in UTC.',
    ),
    newSince,
    firstSeenAt: isoDate.describe(
      'When an attempt first failed of this cause, also before the time that was asked for, as far back as attempts are kept.',
    ),
    lastSeenAt: isoDate.describe('When an attempt last failed of this cause in that time.'),
    sample: z.object({ jobId: wireId, at: isoDate }).describe('The newest failure.'),
    dead: integer.describe('Jobs that are in DEAD_LETTER now because of this cause. `jobs.retryMany` runs them again.'),
    open: z
      .object({
        retrying: integer.describe('Jobs in FAILED or TIMED_OUT, which are tried again by themselves.'),
        nextRetryAt: isoDate
          .nullable()
          .describe('When the first of these is tried again, where that is later than now.'),
        waiting: integer.describe(
          'Jobs in PENDING or QUEUED: somebody retried them, or their worker handed them back.',
        ),
        running: integer.describe('Jobs that run again.'),
      })
      .describe('Jobs that failed of it and have not ended. All figures are 0 where there is none.'),
  }),
)
