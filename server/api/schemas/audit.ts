import { actor, cursor, id, instant, isoDate, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

export const auditListInput = z.strictObject({
  organizationId: id
    .nullish()
    .describe('Null: only what belongs to no organization, for system admins. Absent: all that the caller may see.'),
  actorId: id.optional(),
  action: z.string().min(1).max(100).optional().describe('As in `apiKey.create`.'),
  targetType: z.string().min(1).max(100).optional(),
  targetId: z.string().min(1).max(200).optional(),
  after: instant.optional().describe('At this moment or later.'),
  before: instant.optional().describe('Before this moment.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
const auditEvent = z.object({
  id: wireId,
  organizationId: wireId.nullable(),
  actor,
  address: z.string().nullable().describe('Where the request came from; null where nobody knows.'),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  reason: z.string().nullable(),
  before: z.unknown().describe('The target as it was, as far as the act changed it.'),
  after: z.unknown().describe('The same as it became.'),
  at: isoDate,
})
export const auditPage = pageOf(auditEvent)
