import { actor, cursor, direction, id, instant, isoDate, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about the audit.

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
  direction,
})
export const auditEvent = z.object({
  id: wireId,
  organizationId: wireId.nullable(),
  organizationName: z.string().nullable().describe('The present name of the organization.'),
  actor,
  address: z.string().nullable().describe('The address that the request came from. Null where it is not known.'),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  targetName: z
    .string()
    .nullable()
    .describe('What a person calls the target, as the entry knows it. Null where it has no name.'),
  sentence: z
    .string()
    .describe(
      'Who did what, for people to read, without the reason. Its words may change; programs read the other fields.',
    ),
  reason: z.string().nullable(),
  before: z.unknown().describe('The target before the act, as far as the act changed it.'),
  after: z.unknown().describe('The target after the act, as far as the act changed it.'),
  at: isoDate,
})
export const auditPage = pageOf(auditEvent)
export const auditIdInput = z.strictObject({ id })
export const auditActorsInput = z.strictObject({
  organizationId: id.nullable().describe('Null asks for those who acted on the platform, for system admins.'),
})
export const auditActors = z.object({ items: z.array(actor) })
