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
        'Makes the titles of the type’s jobs: a text with paths of the parameters in braces, as in `{customer.name} · {month}`. `{{` and `}}` stand for braces. Null makes titles of the first three values, in the order of the schema.',
      ),
    handler: z.string().describe('The key of the handler that carries out its jobs.'),
    pool: z.string().describe('The worker pool that its jobs go to: workers name the pools that they take.'),
    parameterSchema: z
      .unknown()
      .describe(
        'A JSON Schema. Submissions are checked against it, and the submit form is made from it. It is returned as it was written, with its keys in the same order. Only keys that are whole numbers (`"1"`) come first.',
      ),
    enabled: z.boolean(),
    requiredRole: orgRole.describe('The least role that may submit it.'),
    timeoutSeconds: integer,
    priority: jobPriority,
    maxRetries: integer.describe('0: none.'),
    backoffBaseSeconds: integer.describe('The wait before the first retry. It doubles for each further one.'),
    backoffCapSeconds: integer.describe('The longest wait before a retry.'),
    dedupeWindowSeconds: integer.describe('How long equal jobs are refused after a job was completed.'),
    rateLimit: z
      .object({ count: integer, windowSeconds: integer })
      .nullable()
      .describe('The most submissions of an organization in any interval of this length. Null is no limit.'),
    concurrency: z
      .object({ global: integer.nullable(), perOrganization: integer.nullable() })
      .describe('The most jobs that are QUEUED or RUNNING at once. Null is no limit.'),
    retentionDays: integer.describe('How long its jobs are kept after their end.'),
    version: integer,
    differs: z
      .array(z.object({ field: z.string(), present: z.unknown(), default: z.unknown() }))
      .optional()
      .describe(
        'Settings that differ from what the file of its handler says. Only for SYSTEM_ADMIN, and absent where nothing differs.',
      ),
  })
  .meta({ id: 'JobType' })

export const jobTypeListInput = z.strictObject({
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
const version = z.int().min(1).max(MAX_INTEGER)

export const jobTypeGetInput = z.strictObject({
  name: jobTypeName,
  version: version.optional().describe('As it was in this version; absent: as it is.'),
})
export const jobTypePage = pageOf(jobType)

/** Any whole number that PostgreSQL can store. The engine checks the narrower ranges. */
const wholeNumber = z
  .int()
  .min(-MAX_INTEGER - 1)
  .max(MAX_INTEGER)

const settings = {
  displayName: z.string(),
  handler: z.string().max(200).describe('A handler that a worker has announced.'),
  parameterSchema: z.unknown().refine((schema) => schema !== undefined, 'is required'),
}
const optionalSettings = {
  description: z.string().optional(),
  title: z.string().nullish().describe('At most 500 characters. The schema must have a place for each path.'),
  pool: z
    .string()
    .optional()
    .describe('A name such as those of job types. It need not have a worker yet. `default` where it is absent.'),
  enabled: z.boolean().optional(),
  requiredRole: orgRole.optional(),
  timeoutSeconds: wholeNumber.optional(),
  priority: jobPriority.optional(),
  maxRetries: wholeNumber.optional(),
  backoffBaseSeconds: wholeNumber.optional(),
  backoffCapSeconds: wholeNumber.optional(),
  dedupeWindowSeconds: wholeNumber.optional(),
  rateLimit: z.strictObject({ count: wholeNumber, windowSeconds: wholeNumber }).nullish(),
  concurrency: z
    .strictObject({ global: wholeNumber.nullish(), perOrganization: wholeNumber.nullish() })
    .nullish()
    .transform((given) => (given === null ? { global: null, perOrganization: null } : given))
    .describe('Null is short for neither limit.'),
  retentionDays: wholeNumber.optional(),
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
  ifVersion: version
    .optional()
    .describe('The version that the change was made from. Where another is the present one, it is CHANGED_MEANWHILE.'),
  reason: reason.optional(),
})

export const jobTypeVersionsInput = z.strictObject({
  name: jobTypeName,
  organizationId: id.optional().describe('Whose unfinished jobs are counted; absent: of all that you may see.'),
  unfinished: z.boolean().optional().describe('Count the unfinished jobs of each version, too.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
const unfinished = z.object({ waiting: integer, running: integer })
export const jobTypeVersionPage = pageOf(
  z.object({
    version: integer,
    config: jobType,
    createdAt: isoDate,
    createdBy: actor,
    unfinished: unfinished
      .nullable()
      .describe(
        'Jobs that were submitted with this version and have not ended. Null unless `unfinished` asks for it, and where there are more than 10,000 unfinished jobs of the type.',
      ),
  }),
).extend({
  jobsOfOlderVersions: unfinished
    .nullable()
    .describe(
      'Jobs that were submitted with any version but the present one and have not ended, also with versions of other pages. Null where `unfinished` is null.',
    ),
})
