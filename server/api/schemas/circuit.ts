import { CircuitState } from '@/server/generated/prisma/enums'
import { actor, cursor, id, integer, isoDate, jobTypeName, limit, pageOf, reason, wireId } from './scalars'
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
export const circuit = z
  .object({
    jobType: z.string(),
    organizationId: wireId,
    state: circuitState.describe('OPEN: jobs of the kind wait. HALF_OPEN: the cool-down is over, one is tried.'),
    failures: integer.describe('Of the outcomes when it opened.'),
    outcomes: integer,
    openedAt: isoDate,
    trialMayStartAt: isoDate,
    trialJobId: wireId.nullable().describe('The job that is being tried.'),
    closedAt: isoDate.nullable(),
    closedBy: actor.nullable().describe('Null where a trial closed it.'),
  })
  .meta({ id: 'Circuit' })
export const circuitPage = pageOf(circuit)
