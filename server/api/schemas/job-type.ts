import { actor, cursor, id, isoDate, jobPriority, jobTypeName, limit, orgRole, pageOf, reason } from './scalars'
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

/** Any whole number that PostgreSQL keeps; what is sensible is the engine's to say. */
const whole = z.int().min(-2_147_483_648).max(2_147_483_647)

const settings = {
  displayName: z.string(),
  handler: z.string().max(200),
  parameterSchema: z.unknown().refine((schema) => schema !== undefined, 'is required'),
}
const optionalSettings = {
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  requiredRole: orgRole.optional(),
  timeoutSeconds: whole.optional(),
  priority: jobPriority.optional(),
  maxRetries: whole.optional(),
  backoffBaseSeconds: whole.optional(),
  backoffCapSeconds: whole.optional(),
  dedupeWindowSeconds: whole.optional(),
  rateLimit: z.strictObject({ count: whole, windowSeconds: whole }).nullish(),
  /** Null is the short form of: neither limit. */
  concurrency: z
    .strictObject({ global: whole.nullish(), perOrganization: whole.nullish() })
    .nullish()
    .transform((given) => (given === null ? { global: null, perOrganization: null } : given)),
  retentionDays: whole.optional(),
}
export const jobTypeCreateInput = z.strictObject({ name: jobTypeName, ...settings, ...optionalSettings, reason: reason.optional() })
export const jobTypeUpdateInput = z.strictObject({
  name: jobTypeName,
  changes: z.strictObject({
    displayName: settings.displayName.optional(),
    handler: settings.handler.optional(),
    parameterSchema: z.unknown().optional(),
    ...optionalSettings,
  }),
  reason: reason.optional(),
})

export const jobTypeVersionsInput = z.strictObject({
  name: jobTypeName,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
export const jobTypeVersionPage = pageOf(z.object({ version: z.number(), config: jobType, createdAt: isoDate, createdBy: actor }))
