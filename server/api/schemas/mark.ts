import { MARK_KINDS } from '@/server/engine/domain/marks'
import { actor, cursor, direction, id, instant, isoDate, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

// What the API answers about marks in charts: moments at which something changed, such as a pause.

export const marksInput = z.strictObject({
  organizationId: id.optional(),
  from: instant.describe('Marks at this moment or later.'),
  to: instant.describe('Marks before this moment.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const markPage = pageOf(
  z.object({
    at: isoDate,
    kind: z.enum(MARK_KINDS),
    text: z.string().describe('What happened, in a few words.'),
    by: actor,
    organizationId: wireId.nullable().describe('Null where it is about the platform or a job type.'),
    auditId: wireId.nullable().describe('Its entry in the audit. Null where the caller may not read that.'),
  }),
)
