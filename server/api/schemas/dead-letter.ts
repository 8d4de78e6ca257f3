import { ErrorClass } from '@/server/generated/prisma/enums'
import { cursor, id, integer, isoDate, jobTypeName, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

export const deadLetterGroupsInput = z.strictObject({
  organizationId: id.optional(),
  jobType: jobTypeName.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
const deadLetterGroup = z.object({
  organizationId: wireId,
  jobType: z.string(),
  errorFingerprint: z
    .string()
    .describe('Equal for the same error, whatever ids or numbers its message has. `jobs.list` takes it as a filter.'),
  errorMessage: z.string().describe('The message of the newest of these jobs.'),
  errorClass: z.enum(ErrorClass),
  count: integer,
  firstSeenAt: isoDate.describe('When the oldest of the jobs that are still there died.'),
  lastSeenAt: isoDate,
  trend: z
    .object({ bucketSeconds: integer, points: z.array(z.object({ at: isoDate, count: integer })) })
    .describe(
      'How many died on each of the last 14 days, UTC, oldest first, with days of 0. The last day is not over yet.',
    ),
  sample: z.object({ jobId: wireId, message: z.string(), at: isoDate }).describe('The newest of these jobs.'),
})
export const deadLetterGroupPage = pageOf(deadLetterGroup)
