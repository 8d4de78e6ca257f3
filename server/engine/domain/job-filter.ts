import { z } from 'zod'
import { id, instant, jobPriority, jobStatus, jobTypeName } from './scalars'

/**
 * The filter of SPEC 5, the one definition: lists, counts and bulk actions read it from their callers,
 * exports from their parameters, and `store/filter.ts` makes a query of it. All conditions hold
 * together; within a list one is enough. An absent field and an empty list ask for nothing.
 */
export const jobFilterFields = {
  /** Absent: every organization that the caller may see. */
  organizationId: id.optional(),
  status: z.array(jobStatus).max(8).optional(),
  jobType: z.array(jobTypeName).max(100).optional(),
  jobTypePrefix: z.string().regex(/^[a-z0-9._-]{1,100}$/).optional(),
  priority: z.array(jobPriority).max(4).optional(),
  /** The user or key that submitted it. */
  submittedById: id.optional(),
  /** A job's id, or whole words of the parameters. */
  search: z.string().trim().min(3, 'must be a job id, or words of at least 3 characters').max(200).optional(),
  /** Equality at a path of the parameters: `order.id`, `lines.0.sku`. */
  args: z
    .array(z.strictObject({ path: z.string().min(1).max(200), value: z.json() }))
    .max(10)
    .optional(),
  errorFingerprint: z.string().min(1).max(100).optional(),
  /** It waits, and could have started so long ago. */
  waitingLongerThanSeconds: z.int().min(0).max(31_536_000).optional(),
  createdAfter: instant.optional(),
  createdBefore: instant.optional(),
}

export type JobFilter = z.output<z.ZodObject<typeof jobFilterFields>>
