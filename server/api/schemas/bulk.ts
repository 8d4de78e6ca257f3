import { SKIP_REASONS } from '@/server/engine/domain/bulk'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { MAX_BULK_IDS } from '@/server/engine/domain/limits'
import { BulkKind, BulkStatus } from '@/server/generated/prisma/enums'
import { actor, cursor, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

/** The jobs that a bulk action is about: named by id, or all that match a filter. An empty filter needs `all: true`. */
export const manyInput = z
  .strictObject({
    organizationId: id,
    jobIds: z
      .array(id)
      .min(1)
      .max(MAX_BULK_IDS, `must be at most ${MAX_BULK_IDS.toLocaleString('en')} jobs`)
      .optional(),
    filter: z.strictObject(jobFilterFields).optional(),
    all: z.boolean().optional(),
    reason: reason.optional(),
  })
  .superRefine(({ organizationId, jobIds, filter, all }, ctx) => {
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
  })
/** How many conditions a filter has. An empty list is no condition. */
const conditions = ({ organizationId: _, ...filter }: { [field: string]: unknown }): number =>
  Object.values(filter).filter((value) => value !== undefined && !(Array.isArray(value) && value.length === 0)).length

const skipReason = z.enum(SKIP_REASONS)
const skipped = z.object({ jobId: wireId, reason: skipReason })
export const manyOutput = z.object({
  matched: integer.describe('How many of the jobs that were asked for exist.'),
  changed: integer,
  skipped: z.array(skipped),
  bulkId: wireId
    .optional()
    .describe('Present where there are too many jobs for one call. `bulk.get` then tells the rest.'),
})

/** A bulk action that goes on in the background. */
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
  reason: z.string().nullable(),
  requestedBy: actor,
  createdAt: isoDate,
  finishedAt: isoDate.nullable(),
  abortedBy: actor.nullable(),
  abortReason: z.string().nullable(),
})
export type WireBulk = z.output<typeof bulk>

export const bulkIdInput = z.strictObject({ bulkId: id })
export const bulkAbortInput = z.strictObject({ bulkId: id, reason: reason.optional() })
const page = {
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
}
export const bulkListInput = z.strictObject({
  organizationId: id,
  status: z.array(z.enum(BulkStatus)).max(3).optional(),
  ...page,
})
export const bulkPage = pageOf(bulk)
export const bulkSkippedInput = z.strictObject({ bulkId: id, ...page })
export const bulkSkippedPage = pageOf(skipped)
