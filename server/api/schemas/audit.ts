import { actor, cursor, id, instant, isoDate, limit, pageOf } from './scalars'
import { z } from './zod'

export const auditListInput = z.strictObject({
  /** Null: only what belongs to no organization, for system admins. Absent: all that the caller may see. */
  organizationId: id.nullish(),
  actorId: id.optional(),
  /** As in `apiKey.create`. */
  action: z.string().min(1).max(100).optional(),
  targetType: z.string().min(1).max(100).optional(),
  targetId: z.string().min(1).max(200).optional(),
  /** At this moment or later, and before that one. */
  after: instant.optional(),
  before: instant.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
export const auditEvent = z.object({
  id: z.string(),
  organizationId: z.string().nullable(),
  actor,
  /** Where the request came from; null where nobody knows. */
  address: z.string().nullable(),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  reason: z.string().nullable(),
  /** The target as it was and as it became, as far as the act changed it. */
  before: z.unknown(),
  after: z.unknown(),
  at: isoDate,
})
export const auditPage = pageOf(auditEvent)
