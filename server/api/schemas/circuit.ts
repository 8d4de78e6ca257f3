import { CircuitState } from '@/server/generated/prisma/enums'
import { actor, cursor, id, isoDate, jobTypeName, limit, pageOf, reason } from './scalars'
import { z } from './zod'

const circuitState = z.enum(CircuitState)

export const circuitListInput = z.strictObject({
  organizationId: id.optional(),
  state: z.array(circuitState).max(3).optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
export const circuitCloseInput = z.strictObject({ organizationId: id, jobType: jobTypeName, reason: reason.optional() })
export const circuit = z.object({
  jobType: z.string(),
  organizationId: z.string(),
  state: circuitState,
  failures: z.number(),
  outcomes: z.number(),
  openedAt: isoDate,
  trialMayStartAt: isoDate,
  trialJobId: z.string().nullable(),
  closedAt: isoDate.nullable(),
  closedBy: actor.nullable(),
})
export const circuitPage = pageOf(circuit)
