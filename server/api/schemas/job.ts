import { DEPENDENCY_CONDITIONS } from '@/server/engine/domain/dependencies'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { MAX_PARENTS } from '@/server/engine/domain/limits'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { ErrorClass } from '@/server/generated/prisma/enums'
import {
  actor,
  cursor,
  direction,
  id,
  integer,
  isoDate,
  jobPriority,
  jobStatus,
  jobTypeName,
  limit,
  pageOf,
  reason,
  startInstant,
  wireId,
} from './scalars'
import { z } from './zod'

// What the API takes and answers about jobs, as Zod schemas. Types, checks and the API's description all come from
// them.

export const dependencyCondition = z
  .enum(DEPENDENCY_CONDITIONS)
  .describe('`completed`: until the job is COMPLETED. `ended`: until it has ended, in whatever way.')

const artifact = z
  .object({
    name: z.string(),
    contentType: z.string(),
    size: integer.describe('Bytes.'),
    url: z.string().describe('A path of this server. GET it with the same credentials.'),
  })
  .meta({ id: 'Artifact', description: 'A file that a handler left.' })

/** Rule 5, "Job on the wire". */
export const job = z
  .object({
    id: wireId,
    title: z
      .string()
      .describe(
        'What the job is about, in one line of at most 200 characters. It is made of the job’s parameters by the template of its type, and never has sensitive values.',
      ),
    organizationId: wireId,
    jobType: z.string(),
    jobTypeVersion: integer.describe('The version of the job type with which it was submitted.'),
    rerunOf: wireId.nullable().describe('The job that it repeats; the id stays when that job is deleted.'),
    scheduleId: wireId
      .nullable()
      .describe('The schedule that submitted it; the id stays when that schedule is deleted.'),
    status: jobStatus,
    priority: jobPriority,
    parameters: z.unknown(),
    progress: integer.describe('0 to 100, as the handler reports it.'),
    progressMessage: z.string().nullable(),
    result: z.unknown().describe('What the handler returned. Null until the job is COMPLETED.'),
    artifacts: z.array(artifact).nullable(),
    withheld: z.boolean().describe('True while the organization is suspended. Then `result` and `artifacts` are null.'),
    error: z
      .object({
        message: z.string(),
        class: z.enum(ErrorClass).describe('TRANSIENT errors are retried.'),
        fingerprint: z.string().describe('Equal for the same error, whatever ids or numbers its message has.'),
      })
      .nullable()
      .describe('The error of the last attempt that failed. Null when none failed, or another has begun.'),
    attempt: integer.describe('The number of the last attempt, from 1, or 0 before the first. It never goes back.'),
    failures: integer.describe(
      'Attempts that failed or timed out since the job was submitted, or since a person retried it.',
    ),
    maxRetries: integer,
    timeoutSeconds: integer.describe('The longest time that one attempt may take.'),
    runAt: isoDate.describe('The job does not start before this time.'),
    nextRetryAt: isoDate.nullable().describe('When the job is tried again. Only in FAILED and TIMED_OUT.'),
    dependsOn: z.array(wireId).describe('Jobs that it waits for, or has waited for.'),
    dependencies: z
      .array(
        z.object({
          job: wireId,
          on: dependencyCondition,
          ref: z.string().nullable().describe('The `ref` by which the batch that made both jobs named it.'),
        }),
      )
      .describe('The same jobs, each with what it waits for.'),
    submittedBy: actor,
    cancelRequestedAt: isoDate
      .nullable()
      .describe('When a cancel was asked. However the running attempt ends, the job becomes CANCELED.'),
    canceledAt: isoDate.nullable(),
    canceledBy: actor.nullable(),
    cancelReason: z.string().nullable(),
    createdAt: isoDate,
    queuedAt: isoDate.nullable(),
    startedAt: isoDate.nullable().describe('When the last attempt began.'),
    finishedAt: isoDate.nullable().describe('When the job got a final status.'),
  })
  .meta({ id: 'Job' })
export type WireJob = z.output<typeof job>

const largeValue = z.enum(['parameters', 'result'])
const waitingReason = z.object({ code: z.enum(WAITING_CODES), message: z.string() })
/** A job on a page of `jobs.list`. */
export const listedJob = job
  .extend({
    truncated: z
      .array(largeValue)
      .describe(
        'The fields above 2 KiB, which are null here. `jobs.get` has them, and so has a list that is asked to include them.',
      ),
    waiting: waitingReason
      .extend({ until: isoDate.nullable().describe('When it ends by itself. Null where nobody knows.') })
      .nullable()
      .optional()
      .describe(
        'Why the job waits: the first reason of `jobs.explain`. Null where it does not wait. Absent unless `include` names it.',
      ),
  })
  .meta({ id: 'ListedJob' })
export type WireListedJob = z.output<typeof listedJob>

const parentName = z.string().min(1).max(255)

const submission = {
  jobType: jobTypeName,
  parameters: z
    .unknown()
    .optional()
    .describe('What the schema of the job type accepts, at most 256 KiB. Absent means `{}`.'),
  priority: jobPriority.optional(),
  runAt: startInstant.optional().describe('The job does not start before this time. Absent or past means now.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('A repeated call with the same key returns the first job. The key is kept for 24 hours.'),
  dedupe: z
    .boolean()
    .optional()
    .describe('With false the job is submitted although an equal job is unfinished or was completed a short time ago.'),
  maxRetries: z.int().min(0).max(1000).optional(),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe('The longest time that one attempt may take. Below role ADMIN, at most what the job type says.'),
  dependsOn: z
    .array(
      z.union([parentName, z.strictObject({ job: parentName, on: dependencyCondition.default('completed') })], {
        error: 'must be the id of a job or a ref of this batch, alone or as {"job": …, "on": "completed" or "ended"}',
      }),
    )
    .max(MAX_PARENTS, `must be at most ${MAX_PARENTS} jobs`)
    .optional()
    .describe(
      'Ids of jobs that must be COMPLETED first. In a batch also refs of its jobs. `{job, on: "ended"}` waits until that job has ended, in whatever way: COMPLETED, DEAD_LETTER or CANCELED.',
    ),
}
export const submitInput = z.strictObject({ organizationId: id, ...submission })
export const submitManyInput = z.strictObject({
  organizationId: id,
  jobs: z
    .array(
      z.strictObject({
        ...submission,
        ref: z
          .string()
          .min(1)
          .max(255)
          .optional()
          .describe('A name for this job, unique in the call, by which other jobs of the call refer to it.'),
      }),
    )
    .min(1)
    .max(1000)
    .superRefine((jobs, ctx) => {
      const refs = new Map<string, number>()
      for (const [index, { ref }] of jobs.entries()) {
        if (ref === undefined) continue
        const other = refs.get(ref) ?? index
        if (other !== index)
          ctx.addIssue({
            code: 'custom',
            path: [index, 'ref'],
            message: `"${ref}" is also the ref of jobs[${other}]. Give each job its own.`,
          })
        refs.set(ref, other)
      }
    }),
})
export const submitManyOutput = z.object({ jobs: z.array(job) })

export const rerunInput = z.strictObject({
  jobId: id,
  patch: z
    .unknown()
    .optional()
    .describe(
      'A JSON merge patch (RFC 7396) of the parameters: a member sets its value, null removes it, lists are replaced whole. Absent: they stay as they are.',
    ),
  priority: submission.priority,
  runAt: submission.runAt,
  maxRetries: submission.maxRetries,
  timeoutSeconds: submission.timeoutSeconds,
})

export const listInput = z.strictObject({
  ...jobFilterFields,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  include: z
    .array(z.enum([...largeValue.options, 'waiting']))
    .max(3)
    .optional()
    .describe(
      '`parameters`, `result`: their values are included whatever their size; absent means only values up to 2 KiB. `waiting`: each job says why it waits.',
    ),
  direction,
})
export const countInput = z.strictObject(jobFilterFields)
export const jobPage = pageOf(listedJob)
export const countOutput = z.object({
  count: integer,
  capped: z.boolean().describe('True where there may be more than were counted.'),
  failures: integer
    .optional()
    .describe(
      'With `failedAfter` or `failedBefore`: how many of their attempts failed in that time. Absent where `capped`.',
    ),
})

export const jobIdInput = z.strictObject({ jobId: id })
export const getInput = jobIdInput.extend({
  masked: z
    .boolean()
    .optional()
    .describe('Sensitive parameters are masked as in lists, also for those who may read them.'),
})
export const jobActionInput = z.strictObject({ jobId: id, reason: reason.optional() })

/** The fields of a waiting job that can be changed. They follow the same rules as at submission. */
export const updateInput = z.strictObject({
  jobId: id,
  changes: z
    .strictObject({
      priority: submission.priority,
      runAt: startInstant
        .optional()
        .describe(
          'When the job may run. For FAILED and TIMED_OUT, the time of the retry. A time in the past means now.',
        ),
      parameters: z
        .unknown()
        .optional()
        .describe(
          'All parameters, which replace the old ones: what the schema of the job type accepts, at most 256 KiB.',
        ),
      maxRetries: submission.maxRetries,
      timeoutSeconds: submission.timeoutSeconds,
    })
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must name at least one change'),
  reason: reason.optional(),
})

export const deletedJob = z.object({ jobId: wireId })
