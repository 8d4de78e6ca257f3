import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { cursor, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

export const organization = z
  .object({
    id: wireId,
    name: z.string(),
    slug: z.string(),
    status: z.enum(OrganizationStatus),
    maxConcurrent: integer.nullable().describe('The most jobs that run or are about to; null: no limit.'),
    maxUnfinished: integer.describe('The most unfinished jobs; beyond, submissions are refused as QUEUE_FULL.'),
    createdAt: isoDate,
    suspendedAt: isoDate.nullable(),
    suspendReason: z.string().nullable(),
    deletedAt: isoDate.nullable(),
  })
  .meta({ id: 'Organization' })
export const organizationPage = pageOf(organization)
export const organizationActionInput = z.strictObject({ organizationId: id, reason: reason.optional() })
export const organizationListInput = z.strictObject({
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
