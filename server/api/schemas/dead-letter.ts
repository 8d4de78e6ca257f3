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
    .describe(
      'The same for the same fault, whatever ids or numbers its message holds; `jobs.list` takes it as a filter.',
    ),
  errorMessage: z.string().describe('Of the newest.'),
  errorClass: z.enum(ErrorClass),
  count: integer,
  firstSeenAt: isoDate.describe('When the oldest of those that are there died.'),
  lastSeenAt: isoDate,
  trend: z
    .object({ bucketSeconds: integer, points: z.array(z.object({ at: isoDate, count: integer })) })
    .describe('How many died on each of the last 14 days, UTC, oldest first, none missing; the last is still filling.'),
  sample: z.object({ jobId: wireId, message: z.string(), at: isoDate }).describe('The newest.'),
})
export const deadLetterGroupPage = pageOf(deadLetterGroup)
