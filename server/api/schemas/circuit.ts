import { CircuitState } from '@/server/generated/prisma/enums'
import { actor, cursor, direction, id, integer, isoDate, jobTypeName, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about circuits. A circuit holds back the jobs of one type in one organization after
// most of its last attempts failed.

const circuitState = z.enum(CircuitState)

export const circuitListInput = z.strictObject({
  organizationId: id.optional(),
  state: z.array(circuitState).max(3).optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const circuitCloseInput = z.strictObject({ organizationId: id, jobType: jobTypeName, reason: reason.optional() })
export const circuit = z
  .object({
    jobType: z.string(),
    organizationId: wireId,
    state: circuitState.describe(
      'OPEN: jobs of this type wait. HALF_OPEN: the cool-down is over, and one job is tried.',
    ),
    failures: integer.describe('How many of the outcomes had failed when the circuit opened.'),
    outcomes: integer,
    openedAt: isoDate,
    trialMayStartAt: isoDate,
    trialJobId: wireId.nullable().describe('The job that is tried now.'),
    closedAt: isoDate.nullable(),
    closedBy: actor.nullable().describe('Null where a successful trial closed it.'),
  })
  .meta({ id: 'Circuit' })
const outcome = z.object({ jobId: wireId, outcome: z.enum(['COMPLETED', 'FAILED', 'TIMED_OUT']), at: isoDate })
export const circuitPage = pageOf(
  circuit.extend({
    recent: z.array(outcome).describe('The last ten outcomes of jobs of this type in this organization, oldest first.'),
    cause: z
      .object({
        errorFingerprint: z.string(),
        errorMessage: z.string(),
        pattern: z.string().describe('The message, with placeholders such as ‹id› and ‹host› for what varies.'),
        count: integer.describe('How many of the last outcomes have this cause.'),
      })
      .nullable()
      .describe('The most frequent cause of the failures among the last outcomes. Null where none of them failed.'),
    closeReason: z.string().nullable(),
    auditId: wireId
      .nullable()
      .describe(
        'The entry of the audit about the present state of the circuit. Null where the caller may not read the audit.',
      ),
  }),
)
