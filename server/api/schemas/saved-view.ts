import { MAX_VIEW_NAME, type SavedView } from '@/server/engine'
import { actor, cursor, direction, id, isoDate, limit, nameOf, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about saved views, filters of the list of jobs that somebody keeps under a name.

const query = (z.unknown() as z.ZodType<SavedView['query']>)
  .refine((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be a JSON object')
  .describe('Filter and columns as a JSON object, given back as it was written; at most 16 KiB.')
const name = nameOf(MAX_VIEW_NAME).describe('Two of your views in an organization cannot have the same name.')
const shared = z.boolean().describe('True: every member of the organization sees the view.')

export const savedView = z
  .object({
    id: wireId,
    organizationId: wireId,
    name: z.string(),
    query: z.unknown(),
    shared: z.boolean(),
    createdBy: actor,
    createdAt: isoDate,
  })
  .meta({ id: 'SavedView', description: 'A filter of the jobs page with its columns, kept under a name.' })
export const savedViewPage = pageOf(savedView)

export const savedViewListInput = z.strictObject({
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const savedViewCreateInput = z.strictObject({ organizationId: id, name, query, shared: shared.optional() })
export const savedViewUpdateInput = z.strictObject({
  viewId: id,
  changes: z
    .strictObject({ name: name.optional(), query: query.optional(), shared: shared.optional() })
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must name at least one change'),
})
export const savedViewDeleteInput = z.strictObject({ viewId: id, reason: reason.optional() })
export const deletedView = z.object({ viewId: wireId })
