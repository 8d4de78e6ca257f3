import { cursor, id, jobPriority, jobTypeName, limit, orgRole, pageOf } from './scalars'
import { z } from './zod'

/** SPEC 5, "Job type on the wire". */
export const jobType = z.object({
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  handler: z.string(),
  parameterSchema: z.unknown(),
  enabled: z.boolean(),
  requiredRole: orgRole,
  timeoutSeconds: z.number(),
  priority: jobPriority,
  maxRetries: z.number(),
  backoffBaseSeconds: z.number(),
  backoffCapSeconds: z.number(),
  dedupeWindowSeconds: z.number(),
  rateLimit: z.object({ count: z.number(), windowSeconds: z.number() }).nullable(),
  concurrency: z.object({ global: z.number().nullable(), perOrganization: z.number().nullable() }),
  retentionDays: z.number(),
  version: z.number(),
})
export type WireJobType = z.output<typeof jobType>

export const jobTypeListInput = z.strictObject({
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
export const jobTypeGetInput = z.strictObject({ name: jobTypeName })
export const jobTypePage = pageOf(jobType)
