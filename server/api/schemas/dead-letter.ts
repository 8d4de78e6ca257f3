import { checkTime, timeFields } from './metrics-time'
import { ErrorClass } from '@/server/generated/prisma/enums'
import { actor, cursor, id, instant, integer, isoDate, jobTypeName, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

const errorFingerprint = z.string().min(1).max(100)

export const deadLetterGroupsInput = z.strictObject({
  organizationId: id.optional(),
  jobType: jobTypeName.optional(),
  errorFingerprint: errorFingerprint.optional(),
  sort: z.enum(['lastSeen', 'count']).optional().describe('What comes first; `lastSeen` where it is absent.'),
  bucket: z
    .enum(['day', 'hour'])
    .optional()
    .describe('How the trend is cut: 14 days (where it is absent), or 24 hours.'),
  by: z
    .enum(['type', 'cause'])
    .optional()
    .describe('`type` (where it is absent): one item for each job type. `cause`: one for all job types together.'),
  ignored: z
    .union([z.boolean(), z.literal('only')])
    .optional()
    .describe('true: also what is ignored just now. `only`: nothing else, with the job types for which it is ignored.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})

const trend = z.object({ bucketSeconds: integer, points: z.array(z.object({ at: isoDate, count: integer })) })
const pattern = z.string().describe('The newest message, with placeholders such as ‹id› and ‹host› for what varies.')
const newSince = isoDate
  .nullable()
  .describe('When an attempt first failed of it, where that was within the last 24 h; otherwise null.')

const deadLetterGroup = z.object({
  organizationId: wireId,
  jobType: z.string().describe('Of the newest.'),
  jobTypes: z
    .array(z.object({ jobType: z.string(), count: integer, ignored: z.boolean() }))
    .describe('All its job types, the one with most first: one, unless groups by cause were asked for.'),
  errorFingerprint: z
    .string()
    .describe(
      'The same for the same fault, whatever ids or numbers its message holds; `jobs.list` takes it as a filter.',
    ),
  pattern,
  errorMessage: z.string().describe('Of the newest.'),
  errorClass: z.enum(ErrorClass),
  count: integer,
  firstSeenAt: isoDate.describe('When the oldest of the jobs that are still there died.'),
  lastSeenAt: isoDate,
  newSince,
  trend: trend.describe(
    'How many died in each of the last 14 days or 24 hours, UTC, oldest first, none missing; the last is still filling.',
  ),
  sample: z.object({ jobId: wireId, message: z.string(), at: isoDate }).describe('The newest.'),
  lastAction: z
    .object({
      action: z.enum(['RETRY', 'DELETE']),
      by: actor,
      at: isoDate,
      reason: z.string().nullable(),
      jobs: integer.describe('How many dead letters it was about.'),
      followed: integer.describe('The first 200 that were retried: of these the next two figures tell.'),
      completed: integer.describe('COMPLETED since.'),
      deadAgain: integer.describe('In DEAD_LETTER again.'),
    })
    .nullable()
    .describe('The last retry or deletion of dead letters of it, within 30 days.'),
  ignored: z
    .object({
      until: isoDate.nullable(),
      perHour: integer.nullable().describe('It comes back when it happens more often than this within an hour.'),
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
  newCauses24h: integer.describe('Groups of `deadLetters.groups`, one for each job type, that have a `newSince`.'),
  oldestAt: isoDate.nullable().describe('When the one died that has been there for longest.'),
})

const cause = { organizationId: id, jobType: jobTypeName, errorFingerprint }
export const causeInput = z.strictObject(cause)
export const parametersInCommonOutput = z.object({
  items: z.array(
    z.object({
      path: z.string().describe('As `args` of a filter takes it.'),
      value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      count: integer.describe('So many of `of` have it.'),
      of: integer.describe('Dead letters that were compared: the newest 200.'),
      others: z.object({ count: integer, of: integer }).describe('The same of the newest 200 other jobs of the type.'),
    }),
  ),
})

export const ignoreInput = z
  .strictObject({
    ...cause,
    until: instant.optional(),
    perHour: z.int().min(0).max(1_000_000).optional().describe('More of them within an hour bring it back.'),
    reason,
  })
  .refine(({ until, perHour }) => until !== undefined || perHour !== undefined, {
    path: ['until'],
    error: 'must be given, or perHour',
  })
export const unignoreInput = z.strictObject({ ...cause, reason: reason.optional() })
export const ignoredOutput = z.object({ ignored: z.boolean().describe('Whether it is ignored now.') })

export const failingInput = z
  .strictObject({
    organizationId: id.optional(),
    ...timeFields,
    ignored: z.boolean().optional().describe('true: also what is ignored just now (`deadLetters.ignore`).'),
    cursor: cursor.nullish(),
    limit: limit.optional(),
    direction: z.enum(['forward', 'backward']).optional(),
  })
  .check(checkTime)
export const failingPage = pageOf(
  z.object({
    organizationId: wireId,
    jobType: z.string(),
    errorFingerprint: z.string(),
    pattern,
    errorMessage: z.string().describe('Of the newest.'),
    errorClass: z.enum(ErrorClass),
    count: integer.describe(
      'Attempts that failed or timed out of it in the time; jobs, where they died without an attempt.',
    ),
    counted: z
      .enum(['attempts', 'jobs'])
      .describe('What `count` counts. Lists find the attempts’ jobs by `failedAfter` and `failedBefore`.'),
    trend: trend.describe(
      'The time in equal buckets, of a range 12 to 30 in UTC, oldest first, none missing; they add up to `count`.',
    ),
    newSince,
    firstSeenAt: isoDate.describe('As far as attempts are kept, also before the time.'),
    lastSeenAt: isoDate,
    sample: z.object({ jobId: wireId, at: isoDate }).describe('The newest.'),
    dead: integer.describe('Jobs that are in DEAD_LETTER of it now: `jobs.retryMany` brings them back.'),
    open: z
      .object({
        retrying: integer.describe('FAILED or TIMED_OUT: they are tried again by themselves.'),
        nextRetryAt: isoDate
          .nullable()
          .describe('When the first of these is tried again, where that is later than now.'),
        waiting: integer.describe('PENDING or QUEUED: somebody retried them, or their worker handed them back.'),
        running: integer.describe('Jobs that run again.'),
      })
      .describe('Jobs that failed of it, are not dead, and have not ended. All are 0 where nothing of it goes on.'),
  }),
)
