import { actor, cursor, direction, id, isoDate, jobTypeName, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about pauses.

const reasonField = { reason: reason.optional() }
/** What is to be paused or resumed. */
export const pauseInput = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('platform'), ...reasonField }),
  z.strictObject({ scope: z.literal('jobType'), jobType: jobTypeName, ...reasonField }),
  z.strictObject({ scope: z.literal('organization'), organizationId: id, ...reasonField }),
])
export type PauseInput = z.output<typeof pauseInput>

export const pause = z
  .object({
    scope: z.enum(['platform', 'jobType', 'organization']),
    jobType: z.string().nullable().describe('Null unless the scope is a job type.'),
    organizationId: wireId.nullable().describe('Null unless the scope is an organization.'),
    reason: z.string().nullable(),
    pausedBy: actor,
    pausedAt: isoDate,
  })
  .meta({ id: 'Pause' })
export type WirePause = z.output<typeof pause>
export const resumed = z.object({ resumed: z.boolean().describe('False where nothing was paused.') })
export const pauseListInput = z.strictObject({
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: z.int().min(1).max(1000).optional().describe('The largest number of items on a page.'),
  direction,
})
/** A pause in a list. It has two fields more than the answer to a pause. */
const listedPause = pause.extend({
  auditId: wireId.nullable().describe('The entry of the audit about the act. Null where the caller may not read that.'),
  used: z.boolean().describe('False for a pause of a job type of which you may see no job: it does not concern you.'),
})
export const pausePage = pageOf(listedPause)
