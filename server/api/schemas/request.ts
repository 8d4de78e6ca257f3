import { RequestKind, RequestStatus } from '@/server/generated/prisma/enums'
import { oneWay, whichJobs } from './bulk'
import {
  actor,
  cursor,
  direction,
  id,
  integer,
  isoDate,
  jobPriority,
  jobTypeName,
  limit,
  MAX_INTEGER,
  pageOf,
  reason,
  startInstant,
  wireId,
} from './scalars'
import { z } from './zod'

// What the API takes and answers about requests, with which a member asks an admin for something.

const reasonForAdmin = reason.describe('Why it should be done: for the admin who decides, and for the history.')
const atLeastOne = (fields: object) => Object.values(fields).some((value) => value !== undefined)
/** The engine checks the bounds of these numbers, as for `jobs.update`. */
const jobWish = z
  .strictObject({
    priority: jobPriority.optional(),
    runAt: startInstant.optional().describe('When the job may run, or when it is retried if it has failed.'),
    maxRetries: z.int().optional(),
    timeoutSeconds: z.int().optional(),
  })
  .refine(atLeastOne, 'must name at least one change')
  .describe(
    'As in `jobs.update`. Parameters cannot be asked for: they may hold secrets, which a request must not keep.',
  )
const upperLimit = z.int().min(0).max(MAX_INTEGER).nullable().optional()
const limitWish = z
  .strictObject({
    global: upperLimit,
    perOrganization: upperLimit,
    maxConcurrent: upperLimit,
    maxUnfinished: upperLimit,
  })
  .refine(atLeastOne, 'must name at least one limit')
  .describe('Of a job type `global` and `perOrganization`, of the organization the others. Null is no limit.')

/** What is asked for. */
export const requestCreateInput = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.enum(['CANCEL', 'RETRY', 'DELETE']), ...whichJobs, reason: reasonForAdmin })
    .superRefine(oneWay),
  z.strictObject({ kind: z.enum(['PAUSE', 'RESUME']), organizationId: id, reason: reasonForAdmin }),
  z.strictObject({
    kind: z.literal('CLOSE_CIRCUIT'),
    organizationId: id,
    jobType: jobTypeName,
    reason: reasonForAdmin,
  }),
  z.strictObject({
    kind: z.literal('CHANGE_JOB'),
    organizationId: id,
    jobIds: z.array(id).length(1, 'must be one job').describe('The job that waits.'),
    changes: jobWish,
    reason: reasonForAdmin,
  }),
  z
    .strictObject({
      kind: z.literal('CHANGE_LIMIT'),
      organizationId: id,
      jobType: jobTypeName.optional().describe('Whose limit. Left out: of the organization.'),
      limits: limitWish,
      reason: reasonForAdmin,
    })
    .superRefine(({ jobType, limits }, ctx) => {
      const others = jobType ? (['maxConcurrent', 'maxUnfinished'] as const) : (['global', 'perOrganization'] as const)
      for (const name of others)
        if (limits[name] !== undefined)
          ctx.addIssue({
            code: 'custom',
            path: ['limits', name],
            message: jobType
              ? 'is a limit of the organization: leave jobType out'
              : 'is a limit of a job type: name it in jobType',
          })
    }),
])

export const request = z
  .object({
    id: wireId,
    organizationId: wireId,
    kind: z.enum(RequestKind),
    status: z.enum(RequestStatus),
    about: z.string().describe('What the request is about, in words. Times are UTC.'),
    filter: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe(
        'The filter that chose the jobs. Null where jobs were named, or where the request is about something else.',
      ),
    matched: integer
      .nullable()
      .describe(
        'How many jobs it is about. The number is fixed when it is made. Null where it is about something else.',
      ),
    jobType: z
      .string()
      .nullable()
      .describe('The job type of the circuit that is to be closed, or whose limit is to be changed.'),
    change: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What is to be changed of a job or a limit. Null where the request is about something else.'),
    reason: z.string(),
    askedBy: actor,
    createdAt: isoDate,
    expiresAt: isoDate.describe('When the request ends if nobody has decided it.'),
    endedBy: actor.nullable(),
    endedAt: isoDate.nullable(),
    endReason: z.string().nullable().describe('What the person wrote who ended the request.'),
    bulkId: wireId
      .nullable()
      .describe('The id for `bulk.get`, which tells what became of the jobs. Null where nothing was done to jobs.'),
  })
  .meta({ id: 'Request', description: 'What somebody may not do, and asks an admin of the organization to do.' })
export type WireRequest = z.output<typeof request>

export const requestPage = pageOf(request)
export const openRequests = z.object({ count: integer })
export const requestIdInput = z.strictObject({ requestId: id })
const everywhereOrIn = id.optional().describe('Left out: all organizations in which you may see requests.')
export const requestOpenInput = z.strictObject({ organizationId: everywhereOrIn })
export const requestListInput = z.strictObject({
  organizationId: everywhereOrIn,
  forMe: z
    .boolean()
    .optional()
    .describe('Only what you may do yourself: for an ADMIN no other limits, which system admins decide.'),
  status: z.array(z.enum(RequestStatus)).max(5).optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const requestDecideInput = z
  .strictObject({
    requestId: id,
    decision: z.enum(['fulfil', 'decline']),
    reason: reason.optional().describe('What to say to whoever asked. Needed to decline.'),
  })
  .superRefine(({ decision, reason }, ctx) => {
    if (decision === 'decline' && reason === undefined)
      ctx.addIssue({ code: 'custom', path: ['reason'], message: 'must be given where a request is declined' })
  })
export const requestWithdrawInput = z.strictObject({ requestId: id, reason: reason.optional() })
