import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { MAX_PARENTS } from '@/server/engine/domain/limits'
import { ErrorClass, LogLevel, AttemptOutcome } from '@/server/generated/prisma/enums'
import { actor, cursor, id, instant, isoDate, jobPriority, jobStatus, jobTypeName, limit, pageOf, reason } from './scalars'
import { z } from './zod'

export const artifact = z.object({
  name: z.string(),
  contentType: z.string(),
  size: z.number(),
  url: z.string(),
})

/** SPEC 5, "Job on the wire". */
export const job = z.object({
  id: z.string(),
  organizationId: z.string(),
  jobType: z.string(),
  jobTypeVersion: z.number(),
  status: jobStatus,
  priority: jobPriority,
  parameters: z.unknown(),
  progress: z.number(),
  progressMessage: z.string().nullable(),
  result: z.unknown(),
  artifacts: z.array(artifact).nullable(),
  withheld: z.boolean(),
  error: z.object({ message: z.string(), class: z.enum(ErrorClass), fingerprint: z.string() }).nullable(),
  attempt: z.number(),
  failures: z.number(),
  maxRetries: z.number(),
  timeoutSeconds: z.number(),
  runAt: isoDate,
  nextRetryAt: isoDate.nullable(),
  dependsOn: z.array(z.string()),
  submittedBy: actor,
  cancelRequestedAt: isoDate.nullable(),
  canceledAt: isoDate.nullable(),
  canceledBy: actor.nullable(),
  cancelReason: z.string().nullable(),
  createdAt: isoDate,
  queuedAt: isoDate.nullable(),
  startedAt: isoDate.nullable(),
  finishedAt: isoDate.nullable(),
})
export type WireJob = z.output<typeof job>

const submission = {
  jobType: jobTypeName,
  parameters: z.unknown().optional(),
  priority: jobPriority.optional(),
  runAt: instant.optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  dedupe: z.boolean().optional(),
  maxRetries: z.int().min(0).max(1000).optional(),
  timeoutSeconds: z.int().min(1).max(86_400).optional(),
  /** Ids of jobs that must be COMPLETED first; in a batch also refs of it. */
  dependsOn: z.array(z.string().min(1).max(255)).max(MAX_PARENTS, `must be at most ${MAX_PARENTS} jobs`).optional(),
}
export const submitInput = z.strictObject({ organizationId: id, ...submission })
export const submitManyInput = z.strictObject({
  organizationId: id,
  jobs: z.array(z.strictObject({ ...submission, ref: z.string().min(1).max(255).optional() })).min(1).max(1000),
})
export const submitManyOutput = z.object({ jobs: z.array(job) })

export const listInput = z.strictObject({
  ...jobFilterFields,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  // Sent by tRPC's infinite queries; lists go one way, so it changes nothing.
  direction: z.enum(['forward', 'backward']).optional(),
})
export const countInput = z.strictObject(jobFilterFields)
export const jobPage = pageOf(job)
export const countOutput = z.object({ count: z.number(), capped: z.boolean() })

export const jobIdInput = z.strictObject({ jobId: id })
export const jobActionInput = z.strictObject({ jobId: id, reason: reason.optional() })

/** What of a waiting job can be changed: some of what was submitted, by the same rules. */
export const updateInput = z.strictObject({
  jobId: id,
  changes: z
    .strictObject({
      priority: submission.priority,
      /** When it may run; of FAILED and TIMED_OUT the time of the retry. A time that has passed means now. */
      runAt: submission.runAt,
      parameters: submission.parameters,
      maxRetries: submission.maxRetries,
      timeoutSeconds: submission.timeoutSeconds,
    })
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must name at least one change'),
  reason: reason.optional(),
})

export const deletedJob = z.object({ jobId: z.string() })

export const explainOutput = z.object({
  reasons: z.array(
    z.object({
      code: z.enum([
        'ORGANIZATION_DELETED', 'ORGANIZATION_SUSPENDED', 'PAUSED', 'JOB_TYPE_DISABLED', 'WAITING_FOR_PARENTS', 'SCHEDULED', 'RETRY_BACKOFF',
        'CIRCUIT_OPEN', 'CONCURRENCY_LIMIT', 'HANDLER_MISSING', 'NO_WORKER', 'BEHIND', 'QUEUED', 'READY',
      ]),
      /** A sentence for people. */
      message: z.string(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
})

const detailPage = { cursor: cursor.nullish(), direction: z.enum(['forward', 'backward']).optional() }
export const historyInput = z.strictObject({ jobId: id, ...detailPage, limit: z.int().min(1).max(1000).optional() })
export const historyItem = z.object({
  fromStatus: jobStatus.nullable(),
  toStatus: jobStatus,
  at: isoDate,
  actor,
  message: z.string().nullable(),
  attempt: z.number(),
})
export const historyPage = pageOf(historyItem)

export const attemptsInput = z.strictObject({ jobId: id, ...detailPage, limit: z.int().min(1).max(1000).optional() })
export const attemptItem = z.object({
  attempt: z.number(),
  workerId: z.string().nullable(),
  readyAt: isoDate,
  queuedAt: isoDate,
  startedAt: isoDate,
  endedAt: isoDate.nullable(),
  outcome: z.enum(AttemptOutcome).nullable(),
  error: z
    .object({
      message: z.string(),
      class: z.enum(ErrorClass).nullable(),
      fingerprint: z.string().nullable(),
      /** Only for ADMIN and SYSTEM_ADMIN; null for everybody else. */
      stack: z.string().nullable(),
    })
    .nullable(),
})
export const attemptPage = pageOf(attemptItem)

export const logsInput = z.strictObject({
  jobId: id,
  level: z.enum(LogLevel).optional(),
  attempt: z.int().min(1).max(2_147_483_647).optional(),
  ...detailPage,
  limit: z.int().min(1).max(1000).optional(),
})
export const logItem = z.object({
  line: z.number(),
  attempt: z.number(),
  level: z.enum(LogLevel),
  message: z.string(),
  at: isoDate,
})
export const logPage = pageOf(logItem)

export const watchInput = z.strictObject({
  organizationId: id,
  jobId: id.optional(),
  lastEventId: z.string().max(100).nullish(),
})
/** SPEC 5, "Events". `reset`: events were lost on the way, so read again what is on the screen. */
export const jobEvent = z.object({
  id: z.string(),
  type: z.enum(['status', 'progress', 'reset']),
  jobId: z.string().nullable(),
  fromStatus: jobStatus.nullable(),
  toStatus: jobStatus.nullable(),
  attempt: z.number().nullable(),
  progress: z.number().nullable(),
  progressMessage: z.string().nullable(),
  at: isoDate,
})
export type WireJobEvent = z.output<typeof jobEvent>
