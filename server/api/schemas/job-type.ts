import {
  actor,
  cursor,
  id,
  integer,
  isoDate,
  jobPriority,
  jobTypeName,
  limit,
  orgRole,
  pageOf,
  reason,
} from './scalars'
import { z } from './zod'

/** Rule 5, "Job type on the wire". */
export const jobType = z
  .object({
    name: z.string(),
    displayName: z.string(),
    description: z.string(),
    title: z
      .string()
      .nullable()
      .describe(
        'Makes the titles of its jobs: text with paths of the parameters in braces, as in `{customer.name} · {month}`. `{{` and `}}` stand for braces. Null: the first three values, in the order of the schema.',
      ),
    handler: z.string().describe('The key of the handler that carries its jobs out.'),
    parameterSchema: z
      .unknown()
      .describe(
        'JSON Schema; judges submissions and draws the submit form. It is given back as it was written, the order of its keys included; only keys that are whole numbers (`"1"`) come first.',
      ),
    enabled: z.boolean(),
    requiredRole: orgRole.describe('The least role that may submit it.'),
    timeoutSeconds: integer,
    priority: jobPriority,
    maxRetries: integer.describe('0: none.'),
    backoffBaseSeconds: integer.describe('The wait before the first retry; doubled for each further one.'),
    backoffCapSeconds: integer.describe('The longest wait before a retry.'),
    dedupeWindowSeconds: integer.describe('How long a completed job refuses equal ones.'),
    rateLimit: z
      .object({ count: integer, windowSeconds: integer })
      .nullable()
      .describe('The most submissions of an organization in any interval of this length; null: no limit.'),
    concurrency: z
      .object({ global: integer.nullable(), perOrganization: integer.nullable() })
      .describe('The most jobs that run or are about to; null: no limit.'),
    retentionDays: integer.describe('How long its jobs are kept from their end.'),
    version: integer,
  })
  .meta({ id: 'JobType' })

export const jobTypeListInput = z.strictObject({
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
export const jobTypeGetInput = z.strictObject({
  name: jobTypeName,
  version: z.int().min(1).max(2_147_483_647).optional().describe('As it was in this version; absent: as it is.'),
})
export const jobTypePage = pageOf(jobType)

/** Any whole number that PostgreSQL can keep. The engine checks the narrower ranges. */
const whole = z.int().min(-2_147_483_648).max(2_147_483_647)

const settings = {
  displayName: z.string(),
  handler: z.string().max(200).describe('One that a worker has announced.'),
  parameterSchema: z.unknown().refine((schema) => schema !== undefined, 'is required'),
}
const optionalSettings = {
  description: z.string().optional(),
  title: z
    .string()
    .nullish()
    .describe('At most 500 characters. Each path must be one that the schema has a place for.'),
  enabled: z.boolean().optional(),
  requiredRole: orgRole.optional(),
  timeoutSeconds: whole.optional(),
  priority: jobPriority.optional(),
  maxRetries: whole.optional(),
  backoffBaseSeconds: whole.optional(),
  backoffCapSeconds: whole.optional(),
  dedupeWindowSeconds: whole.optional(),
  rateLimit: z.strictObject({ count: whole, windowSeconds: whole }).nullish(),
  concurrency: z
    .strictObject({ global: whole.nullish(), perOrganization: whole.nullish() })
    .nullish()
    .transform((given) => (given === null ? { global: null, perOrganization: null } : given))
    .describe('Null is the short form of: neither limit.'),
  retentionDays: whole.optional(),
}
export const jobTypeCreateInput = z.strictObject({
  name: jobTypeName,
  ...settings,
  ...optionalSettings,
  reason: reason.optional(),
})
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
export const jobTypeVersionPage = pageOf(
  z.object({ version: integer, config: jobType, createdAt: isoDate, createdBy: actor }),
)
