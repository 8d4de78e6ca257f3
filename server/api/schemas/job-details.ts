import { MAX_GRAPH_JOBS } from '@/server/engine/domain/limits'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { ErrorClass, LogLevel, AttemptOutcome } from '@/server/generated/prisma/enums'
import {
  actor,
  cursor,
  direction,
  id,
  integer,
  isoDate,
  jobStatus,
  limit,
  MAX_INTEGER,
  pageOf,
  wireId,
} from './scalars'
import { z } from './zod'
import { dependencyCondition, listedJob } from './job'

// What can be read of one job: why it waits, its graph, parents, history, attempts and log lines, and its events.

export const explainOutput = z.object({
  reasons: z.array(
    z.object({
      code: z.enum(WAITING_CODES),
      message: z.string().describe('A sentence for people.'),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
})

const detailPage = { cursor: cursor.nullish(), direction }
export const graphInput = z.strictObject({
  jobId: id,
  limit: z.int().min(1).max(MAX_GRAPH_JOBS).optional().describe('The most jobs of the answer. Absent means 1,000.'),
})
export const graphOutput = z.object({
  jobs: z
    .array(
      z.object({
        id: wireId,
        job: z
          .object({
            title: z.string(),
            jobType: z.string(),
            status: jobStatus,
            createdAt: isoDate,
            finishedAt: isoDate.nullable(),
          })
          .nullable()
          .describe('Null where the job was deleted.'),
      }),
    )
    .describe('The job itself is the first.'),
  edges: z
    .array(z.object({ parentId: wireId, childId: wireId, on: dependencyCondition }))
    .describe('The child waits for the parent.'),
  capped: z.boolean().describe('There are more jobs or edges than these.'),
})

export const timelineOutput = z.object({
  holds: z
    .array(
      z.object({
        kind: z.enum(['pause', 'circuit']),
        target: z.enum(['platform', 'organization', 'jobType', 'circuit']).describe('What was paused.'),
        from: isoDate.describe('It may have begun before the job was submitted.'),
        to: isoDate.nullable().describe('Null where the hold has not ended.'),
        by: actor,
        reason: z.string().nullable(),
      }),
    )
    .describe(
      'What held back jobs of this type in this organization while the job had not ended: pauses, suspensions and open circuits.',
    ),
  logs: z
    .array(z.object({ at: isoDate, count: integer, level: z.enum(LogLevel).describe('The most severe of them.') }))
    .describe('When the handler logged: lines of about the same moment as one item, at most 100 an attempt.'),
})

export const parentsInput = z.strictObject({ jobId: id, ...detailPage, limit: limit.optional() })
export const parentPage = pageOf(
  z.object({
    ref: z.string().nullable().describe('The `ref` by which the batch that made both jobs named it.'),
    on: dependencyCondition,
    job: listedJob,
  }),
)

export const historyInput = z.strictObject({ jobId: id, ...detailPage, limit: z.int().min(1).max(1000).optional() })
const historyItem = z.object({
  fromStatus: jobStatus.nullable().describe('Null for the submission.'),
  toStatus: jobStatus,
  at: isoDate,
  actor,
  message: z.string().nullable(),
  attempt: integer,
})
export const historyPage = pageOf(historyItem)

export const attemptsInput = z.strictObject({ jobId: id, ...detailPage, limit: z.int().min(1).max(1000).optional() })
const attemptItem = z.object({
  attempt: integer,
  workerId: wireId.nullable(),
  readyAt: isoDate.describe('When the attempt could have started.'),
  queuedAt: isoDate,
  startedAt: isoDate,
  // Both are null while the attempt runs.
  endedAt: isoDate.nullable(),
  outcome: z.enum(AttemptOutcome).nullable(),
  error: z
    .object({
      message: z.string(),
      class: z.enum(ErrorClass).nullable(),
      fingerprint: z.string().nullable(),
      stack: z.string().nullable().describe('Only for ADMIN and SYSTEM_ADMIN. Null for everybody else.'),
    })
    .nullable(),
})
export const attemptPage = pageOf(attemptItem)

export const logsInput = z.strictObject({
  jobId: id,
  level: z.enum(LogLevel).optional(),
  attempt: z.int().min(1).max(MAX_INTEGER).optional(),
  ...detailPage,
  limit: z.int().min(1).max(1000).optional(),
})
const logItem = z.object({
  line: integer.describe('Lines are counted from 1 within the job.'),
  attempt: integer,
  level: z.enum(LogLevel),
  message: z.string(),
  at: isoDate,
})
export const logPage = pageOf(logItem)

export const watchInput = z.strictObject({
  organizationId: id,
  jobId: id.optional(),
  lastEventId: z
    .string()
    .max(100)
    .nullish()
    .describe('The id of the last event that was read. Absent means from now on.'),
})
/**
 * Rule 5, "Events". `reset` means that events were lost, so the receiver has to read again what it shows. It has null
 * in every field that is about a job. A `status` has no progress, and a `progress` no statuses.
 */
export const jobEvent = z
  .object({
    id: z.string().describe('The place to resume from, as `lastEventId`.'),
    type: z.enum(['status', 'progress', 'reset']),
    jobId: wireId.nullable(),
    fromStatus: jobStatus.nullable(),
    toStatus: jobStatus.nullable(),
    attempt: integer.nullable(),
    progress: integer.nullable().describe('0 to 100.'),
    progressMessage: z.string().nullable(),
    at: isoDate,
  })
  .meta({ id: 'JobEvent', description: 'Something happened to a job.' })
export type WireJobEvent = z.output<typeof jobEvent>
