import { ErrorClass } from '@/server/generated/prisma/enums'
import { anyJson, id, integer, isoDate, jobStatus, MAX_INTEGER, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers where an external service reports on its attempt.

/** The token already tells which attempt is meant. A caller that also names the attempt must name the right one. */
const attemptFields = { jobId: id.optional(), attempt: z.int().min(1).max(MAX_INTEGER).optional() }

export const attemptProgressInput = z.strictObject({
  ...attemptFields,
  percent: z.number().min(0).max(100).describe('The progress, stored as a whole number.'),
  message: z.string().max(500).optional(),
})
export const attemptCompleteInput = z.strictObject({
  ...attemptFields,
  result: anyJson.optional().describe('The job’s result, at most 256 KiB. Absent means none.'),
})
export const attemptFailInput = z.strictObject({
  ...attemptFields,
  message: z.string().trim().min(1).max(2_000).describe('A text for people: what went wrong.'),
  class: z
    .enum(ErrorClass)
    .optional()
    .describe('TRANSIENT (the default) is retried by the job’s policy, PERMANENT is not.'),
  retryAfterSeconds: z
    .number()
    .min(0)
    // A year.
    .max(31_536_000)
    .optional()
    .describe('The least number of seconds until the retry.'),
})
/** The attempt that a caller names besides its token (`attemptFields`). */
export type WhichAttempt = { jobId?: string; attempt?: number }

/** The job after a report. */
export const reportedJob = z.object({
  jobId: wireId,
  attempt: integer,
  status: jobStatus,
  nextRetryAt: isoDate.nullable().describe('When the job is tried again. Null where it is not.'),
})
