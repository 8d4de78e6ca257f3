import { ErrorClass } from '@/server/generated/prisma/enums'
import { id, isoDate, jobStatus } from './scalars'
import { z } from './zod'

/** The token says which attempt is meant; whoever names it all the same must name the right one. */
const which = { jobId: id.optional(), attempt: z.int().min(1).max(2_147_483_647).optional() }

export const attemptProgressInput = z.strictObject({
  ...which,
  /** 0 to 100; kept as a whole number. */
  percent: z.number().min(0).max(100),
  message: z.string().max(500).optional(),
})
export const attemptCompleteInput = z.strictObject({
  ...which,
  /** The job's result, at most 256 KiB; absent: none. */
  result: z.json().optional(),
})
export const attemptFailInput = z.strictObject({
  ...which,
  /** For people: what went wrong. */
  message: z.string().trim().min(1).max(2_000),
  /** TRANSIENT (the default) is retried by the job's policy, PERMANENT is not. */
  class: z.enum(ErrorClass).optional(),
  /** Waited at least before the retry. */
  retryAfterSeconds: z.number().min(0).max(31_536_000).optional(),
})
export type WhichAttempt = { jobId?: string; attempt?: number }

/** The job after a report. */
export const reportedJob = z.object({
  jobId: z.string(),
  attempt: z.number(),
  status: jobStatus,
  /** When it is tried again; null where it is not. */
  nextRetryAt: isoDate.nullable(),
})
