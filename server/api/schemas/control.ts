import { actor, id, isoDate, jobTypeName, pageOf, reason } from './scalars'
import { z } from './zod'

const why = { reason: reason.optional() }
/** What is paused or let go. */
export const pauseInput = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('platform'), ...why }),
  z.strictObject({ scope: z.literal('jobType'), jobType: jobTypeName, ...why }),
  z.strictObject({ scope: z.literal('organization'), organizationId: id, ...why }),
])
export type PauseInput = z.output<typeof pauseInput>

export const pause = z.object({
  scope: z.enum(['platform', 'jobType', 'organization']),
  jobType: z.string().nullable(),
  organizationId: z.string().nullable(),
  reason: z.string().nullable(),
  pausedBy: actor,
  pausedAt: isoDate,
})
export const resumed = z.object({ resumed: z.boolean() })
export const pauseListInput = z.strictObject({ organizationId: id.optional() })
export const pausePage = pageOf(pause)
