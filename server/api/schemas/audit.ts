import { actor, cursor, id, instant, isoDate, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

export const auditListInput = z.strictObject({
  organizationId: id
    .nullish()
    .describe(
      'Null asks for entries that belong to no organization, for system admins. Absent asks for all that the caller may see.',
    ),
  actorId: id.optional(),
  action: z.string().min(1).max(100).optional().describe('An action such as `apiKey.create`.'),
  targetType: z.string().min(1).max(100).optional(),
  targetId: z.string().min(1).max(200).optional(),
  after: instant.optional().describe('Entries at this moment or later.'),
  before: instant.optional().describe('Entries before this moment.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
const auditEvent = z.object({
  id: wireId,
  organizationId: wireId.nullable(),
  actor,
  address: z.string().nullable().describe('The address that the request came from. Null where it is not known.'),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  reason: z.string().nullable(),
  before: z.unknown().describe('The target before the act, as far as the act changed it.'),
  after: z.unknown().describe('The target after the act, as far as the act changed it.'),
  at: isoDate,
})
export const auditPage = pageOf(auditEvent)
