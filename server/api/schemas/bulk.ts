import { SKIP_REASONS } from '@/server/engine/domain/bulk'
import { WARNING_CODES } from '@/server/engine/domain/forecast'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { MAX_BULK_IDS } from '@/server/engine/domain/limits'
import { BulkKind, BulkStatus } from '@/server/generated/prisma/enums'
import { actor, cursor, direction, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about actions on many jobs at once.

/** The jobs that a call is about: given by ids, or all that match a filter. An empty filter needs `all: true`. */
export const whichJobs = {
  organizationId: id,
  jobIds: z
    .array(id)
    .min(1)
    .max(MAX_BULK_IDS, `must be at most ${MAX_BULK_IDS.toLocaleString('en')} jobs`)
    .optional(),
  filter: z.strictObject(jobFilterFields).optional(),
  all: z.boolean().optional(),
}
type WhichJobs = z.output<z.ZodObject<typeof whichJobs>>

/** Refuses a call that gives its jobs in two ways or in none, or means all jobs without saying so. */
export function oneWay({ organizationId, jobIds, filter, all }: WhichJobs, ctx: z.RefinementCtx): void {
  const refuse = (path: string[], message: string) => ctx.addIssue({ code: 'custom', path, message })
  if (jobIds) {
    if (filter || all) refuse([filter ? 'filter' : 'all'], 'must be absent where jobIds are given')
    return
  }
  if (!filter && !all) return refuse(['jobIds'], 'must be given, or a filter')
  if (filter?.organizationId && filter.organizationId !== organizationId)
    refuse(['filter', 'organizationId'], 'must be the same organization')
  if (!all && !conditions(filter ?? {}))
    refuse(['filter'], 'is empty and means every job of the organization: say so with all: true')
}

export const manyInput = z
  .strictObject({
    ...whichJobs,
    dryRun: z
      .boolean()
      .optional()
      .describe('true: nothing is done; the answer says what would become of the jobs, and what to know before.'),
    reason: reason.optional(),
  })
  .superRefine(oneWay)
/** How many conditions a filter has. An empty list is no condition. */
const conditions = ({ organizationId: _, ...filter }: { [field: string]: unknown }): number =>
  Object.values(filter).filter((value) => value !== undefined && !(Array.isArray(value) && value.length === 0)).length

const skipReason = z.enum(SKIP_REASONS)
const skipped = z.object({
  jobId: wireId.describe('Of a backfill: the job that the planned time has already, or an id that no job has.'),
  reason: skipReason,
  plannedAt: isoDate.optional().describe('Of a backfill: the planned time.'),
})
const done = z.object({
  matched: integer.describe('Jobs that were asked for and are there.'),
  changed: integer,
  skipped: z.array(skipped),
  bulkId: wireId
    .optional()
    .describe('Present where there are too many jobs for one call. `bulk.get` then tells the rest.'),
  receiptId: wireId
    .optional()
    .describe('For `bulk.get`: what was asked, by whom, and what became of it. Absent where no job was there.'),
})

export const forecast = z
  .object({
    matched: integer.describe('Jobs that were asked for and are there.'),
    capped: z.boolean().describe('More than 100,000 match: every figure is of the first 100,000 that were found.'),
    would: integer.describe('Jobs that would be changed.'),
    skipped: z.array(z.object({ reason: skipReason, count: integer })),
    warnings: z.array(
      z.object({
        code: z.enum(WARNING_CODES),
        count: integer.describe('How many jobs it is about.'),
        message: z.string(),
      }),
    ),
  })
  .describe('The answer to `dryRun: true`.')
/** The answer to a call about many jobs, or to a dry run of it. */
export const manyOutput = z.union([done, forecast])

/** A bulk action. It is kept for 30 days after its end. */
export const bulk = z.object({
  id: wireId,
  organizationId: wireId,
  action: z.enum(BulkKind),
  status: z.enum(BulkStatus),
  matched: integer.describe('How many jobs the action is about. The number is fixed when the action is submitted.'),
  processed: integer.describe('How many of them have been dealt with, changed or skipped.'),
  changed: integer,
  skipped: z
    .partialRecord(skipReason, integer)
    .describe('How many were left unchanged, by reason. `bulk.skipped` lists them.'),
  filter: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('The filter that was asked with. Null where jobs were named.'),
  backfill: z
    .object({ scheduleId: wireId, name: z.string(), from: isoDate, to: isoDate })
    .nullable()
    .describe('The schedule and the period whose runs it submits. Null where it is about jobs that exist.'),
  about: z.string().describe('The same in words; times are UTC.'),
  reason: z.string().nullable(),
  requestedBy: actor,
  request: z
    .object({ id: wireId, askedBy: actor })
    .nullable()
    .describe('The request that it fulfils (`requests.get`). Null where nobody asked for it.'),
  createdAt: isoDate,
  workedAt: isoDate.describe('When some of its jobs were last dealt with.'),
  perSecond: z.number().nullable().describe('Jobs dealt with a second so far. Null before the first.'),
  secondsLeft: integer.nullable().describe('About how long it will go on at that rate. Null where that is not known.'),
  finishedAt: isoDate.nullable(),
  abortedBy: actor.nullable(),
  abortReason: z.string().nullable(),
  auditId: wireId
    .nullable()
    .describe('The entry of the audit that tells of it. Null where it has changed nothing yet.'),
})
export type WireBulk = z.output<typeof bulk>

export const bulkIdInput = z.strictObject({ bulkId: id })
export const bulkAbortInput = z.strictObject({ bulkId: id, reason: reason.optional() })
const page = {
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
}
export const bulkListInput = z.strictObject({
  organizationId: id,
  status: z.array(z.enum(BulkStatus)).max(3).optional(),
  ...page,
})
export const bulkPage = pageOf(bulk)
export const bulkSkippedInput = z.strictObject({ bulkId: id, reason: skipReason.optional(), ...page })
export const bulkSkippedPage = pageOf(skipped)
