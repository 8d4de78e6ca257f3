import { z } from 'zod'
import { MAX_ARGUMENT_BYTES } from './limits'
import { anyJson, id, instant, jobPriority, jobStatus, jobTypeName } from './scalars'
import { isLongEnough } from './search-scripts'
import { WAITING_CODES } from './waiting-codes'

/** In scripts such as Chinese and Japanese 2 characters are enough (`isLongEnough`). */
const TOO_SHORT = 'must be a job id, or words of at least 3 characters'

/**
 * The only definition of the filter of rule 5. Lists, counts and bulk actions read it from their callers, exports read
 * it from their parameters, and `store/reads/filter.ts` makes a query of it. A job must meet every condition. Where a
 * condition is a list, one entry is enough. An absent field and an empty list ask for nothing. There are 8 statuses and
 * 4 priorities, so no list of them is longer.
 */
export const jobFilterFields = {
  organizationId: id.optional().describe('Absent: every organization that the caller may see.'),
  status: z.array(jobStatus).max(8).optional(),
  jobType: z.array(jobTypeName).max(100).optional(),
  jobTypePrefix: z
    .string()
    .regex(/^[a-z0-9._-]{1,100}$/, 'must be 1 to 100 of a-z, 0-9, ".", "_", "-"')
    .optional()
    .describe('How names of job types begin.'),
  priority: z.array(jobPriority).max(4).optional(),
  submittedById: id.optional().describe('The user or key that submitted it.'),
  search: z
    .string()
    .trim()
    .min(2, TOO_SHORT)
    .max(200)
    .refine(isLongEnough, TOO_SHORT)
    .optional()
    .describe(
      'Words of title, parameters and error message, all of which must be there; the beginning of a word is enough, and the parts of a path, an address or a compound are words. Or a job id, or the last 8 characters of it.',
    ),
  args: z
    .array(
      z
        .strictObject({
          path: z
            .string()
            .min(1)
            .max(200)
            .describe(
              'As in `order.id` or `lines.0.sku`. A name with a dot stands in quotation marks: `span."http.status"`.',
            ),
          value: anyJson.optional(),
          values: z
            .array(anyJson)
            .min(1)
            .max(10)
            .optional()
            .describe('One of these is enough: `[4711, "4711"]` finds the number and the text.'),
        })
        .refine((arg) => (arg.value === undefined) !== (arg.values === undefined), {
          path: ['value'],
          error: 'is required, or else `values`',
        })
        .refine(
          ({ value, values }) => Buffer.byteLength(JSON.stringify(values ?? value ?? null)) <= MAX_ARGUMENT_BYTES,
          {
            path: ['value'],
            error: `may take at most ${MAX_ARGUMENT_BYTES} bytes`,
          },
        ),
    )
    .max(10)
    .optional()
    .describe('Values at places of the parameters.'),
  errorFingerprint: z.string().min(1).max(100).optional(),
  waitingLongerThanSeconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .optional()
    .describe('Waiting jobs that could have started so long ago.'),
  waitingFor: z
    .array(z.enum(WAITING_CODES))
    .max(WAITING_CODES.length)
    .optional()
    .describe('Waiting jobs whose first reason of `jobs.explain` is one of these codes.'),
  rerunOf: id.optional().describe('Jobs that repeat this one (`jobs.rerun`).'),
  scheduleId: id.optional().describe('Jobs that this schedule submitted (`schedules.get`).'),
  bulkId: id.optional().describe('Jobs that this bulk action changed.'),
  requestId: id.optional().describe('Jobs that this open request is about (`requests.get`).'),
  title: z
    .string()
    .trim()
    .min(2, 'must be words of at least 2 characters')
    .max(200)
    .optional()
    .describe('Words of the title, all of which must be there; the beginning of a word is enough.'),
  failedAfter: instant
    .optional()
    .describe(
      'Jobs of which an attempt failed or timed out then or later, whatever became of them. With errorFingerprint: of that error.',
    ),
  failedBefore: instant.optional().describe('Jobs of which an attempt failed or timed out before.'),
  createdAfter: instant.optional(),
  createdBefore: instant.optional(),
  endedAfter: instant.optional().describe('Jobs that came to a final status then or later.'),
  endedBefore: instant.optional().describe('Jobs that came to a final status before.'),
}

export type JobFilter = z.output<z.ZodObject<typeof jobFilterFields>>
